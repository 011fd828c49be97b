import { inject, Injectable, Injector } from "@angular/core";

/** Says something to a screen reader, politely. The CDK's live region is loaded when there is first something to say. */
@Injectable({ providedIn: "root" })
export class Announcer {
  readonly #injector = inject(Injector);
  #last = "";

  /** The same words again in a row are not said again. */
  async say(words: string): Promise<void> {
    if (words === this.#last) return;
    this.#last = words;
    const { LiveAnnouncer } = await import("./live-announcer");
    await this.#injector.get(LiveAnnouncer).announce(words);
  }
}
