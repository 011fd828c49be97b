import { inject, Injectable, signal } from "@angular/core";
import type { DeliveryEvent } from "@slipway/contract";
import { Subject } from "rxjs";
import { SessionService } from "@slipway/ui/session/sessions";

/** `off`: not wanted, as nobody is signed in. `lost`: there was a connection, or there should be one by now. */
export type LiveState = "off" | "connecting" | "open" | "lost";

/** Milliseconds before the n-th attempt to connect again: doubling up to half a minute. */
export function patience(attempt: number): number {
  return Math.min(30_000, 1_000 * 2 ** attempt);
}

/**
 * The live connection: the deliveries' rows as they change. The browser itself connects again after a cut and says with
 * `Last-Event-ID` what it has seen. It gives up when the answer is an error (a proxy's 502): then a new connection is
 * made here, which has missed something, so `resumed` counts up and whoever shows data asks for it again.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model
 */
@Injectable({ providedIn: "root" })
export class Live {
  readonly #sessions = inject(SessionService);
  readonly #state = signal<LiveState>("off");
  readonly #resumed = signal(0);
  readonly #changes = new Subject<DeliveryEvent>();
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;

  readonly state = this.#state.asReadonly();
  readonly resumed = this.#resumed.asReadonly();
  readonly changes = this.#changes.asObservable();

  /** Connects, unless it has already. */
  start(): void {
    if (this.#state() !== "off") return;
    this.#state.set("connecting");
    this.#connect();
  }

  /** Ends the connection and does not come back. */
  stop(): void {
    this.#source?.close();
    clearTimeout(this.#timer);
    this.#state.set("off");
    this.#attempt = 0;
  }

  /** Tries at once, as a person asked for it. */
  retry(): void {
    if (this.#state() !== "lost") return;
    this.#source?.close();
    clearTimeout(this.#timer);
    this.#attempt += 1;
    this.#connect();
  }

  #connect(): void {
    const source = new EventSource("/api/events");
    this.#source = source;
    source.addEventListener("open", () => {
      this.#state.set("open");
      if (this.#attempt > 0) this.#resumed.update((count) => count + 1);
      this.#attempt = 0;
    });
    source.addEventListener("error", () => {
      if (this.#state() === "off") return;
      this.#state.set("lost");
      if (source.readyState !== EventSource.CLOSED) return;
      this.#timer = setTimeout(() => {
        // Whether the session is over is told by the backend's answer to an ordinary request.
        void this.#sessions.load();
        this.#connect();
      }, patience(this.#attempt));
      this.#attempt += 1;
    });
    source.addEventListener("delivery", (event: MessageEvent<string>) => {
      this.#changes.next(JSON.parse(event.data) as DeliveryEvent);
    });
  }
}
