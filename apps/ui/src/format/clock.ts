import { Injectable, type Signal, signal } from "@angular/core";

/** The time, as signals: what shows an age or a running duration is drawn again when it changes. */
@Injectable({ providedIn: "root" })
export class Clock {
  /** Milliseconds since 1970, to the second. */
  readonly second: Signal<number> = ticking(1_000);
  /** The same, to the half minute: enough for "3 minutes ago". */
  readonly halfMinute: Signal<number> = ticking(30_000);
}

function ticking(period: number): Signal<number> {
  const now = signal(Date.now());
  setInterval(() => {
    now.set(Date.now());
  }, period);
  return now;
}
