/** Connections of a service that do not end by themselves: event streams, WebSockets. A shutdown ends them. */
export interface LongLived {
  /** How many are open. */
  readonly size: number;
  /** Ends all, telling each caller to come back at a moment of its own. */
  close(): void;
}

/** Milliseconds after which a caller that was sent away comes back: spread, so that not all of them come at once. */
export const comeBackAfter = (): number => Math.round(500 + Math.random() * 2_500);

/** What a caller may be behind, in bytes: one that does not read is cut off and resumes where it was. */
export const mostUnread = 1 << 20;

/** Node's timers take no longer time, which is 24.8 days: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const longestTimer = 0x7fffffff;

/**
 * Ends a connection when its time is up, for example with its caller's session.
 *
 * @param until never when left out
 * @returns what to call when it has ended earlier
 */
export function endAt(until: Date | undefined, end: () => void): () => void {
  const timer = until && setTimeout(end, Math.min(until.getTime() - Date.now(), longestTimer)).unref();
  return () => clearTimeout(timer);
}

/** A timer that runs only while a connection is open. It never keeps the process alive. */
export class Heartbeat {
  readonly #interval: number;
  readonly #beat: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(interval: number, beat: () => void) {
    this.#interval = interval;
    this.#beat = beat;
  }

  /** Call it when a connection opens or closes. @param open how many are open now */
  follow(open: number): void {
    if (open > 0) {
      this.#timer ??= setInterval(this.#beat, this.#interval).unref();
      return;
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
