import { Component, computed, effect, inject } from "@angular/core";
import { takeUntilDestroyed } from "@angular/core/rxjs-interop";
import { Frame } from "@slipway/ui/frame/frame";
import { Announcer } from "@slipway/ui/page/announcer";
import { SessionService } from "@slipway/ui/session/sessions";
import { Live } from "../core/live";
import { changeAnnouncement } from "../shared/announcement";
import { texts } from "./texts";

/** The frame of every interface, with the state of the live connection, and what changes said to screen readers. */
@Component({
  selector: "app-frame",
  imports: [Frame],
  template: `
    <ui-frame>
      @if (open()) {
        <span status class="live"
          ><span class="pulse"></span><span>{{ t.live.open }}</span></span
        >
      }
      @if (lost()) {
        <div banner class="lost" role="status">
          <p>{{ t.live.lost }}</p>
          <button type="button" class="quiet" (click)="retry()">{{ t.live.retry }}</button>
        </div>
      }
    </ui-frame>
  `,
  styleUrl: "./frame.css",
})
export class ConsoleFrame {
  protected readonly t = texts;
  readonly #announcer = inject(Announcer);
  readonly #session = inject(SessionService).current;
  readonly #live = inject(Live);

  protected readonly lost = computed(() => this.#live.state() === "lost");
  protected readonly open = computed(() => this.#live.state() === "open");

  constructor() {
    effect(() => {
      const session = this.#session();
      if (session) this.#live.start();
      else if (session === null) this.#live.stop();
    });
    this.#live.changes.pipe(takeUntilDestroyed()).subscribe((change) => {
      void this.#announcer.say(changeAnnouncement(change));
    });
  }

  protected retry(): void {
    this.#live.retry();
  }
}
