import { setTimeout as sleep } from "node:timers/promises";
import { SlipwayError } from "../core/errors.ts";
import { judgeFailure, lastLine, Unreachable } from "../gitops/failures.ts";
import { ProcessError } from "../core/process.ts";

/** Time, as attempts see it. */
export interface RetryClock {
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** The machine's own clock. */
export const systemClock: RetryClock = { now: () => Date.now(), sleep: (milliseconds) => sleep(milliseconds) };

/** Milliseconds that an outage of a git server is waited through. */
export const outagePatience = 120_000;

/**
 * Milliseconds to wait after the `count`th failure in a row: about 1 s, 2 s, 4 s, 8 s, then 10 s each. Half of it is up
 * to chance, so that many who wait do not all come back at once.
 */
export function pauseAfterOutage(count: number): number {
  return Math.min(1_000 * 2 ** (count - 1), 10_000) * (0.5 + Math.random() / 2);
}

/** How outages are waited through. */
export interface OutageOptions {
  /** Milliseconds until the last attempt begins; 120,000 when left out. */
  patience?: number;
  clock?: RetryClock;
}

/**
 * Does `work` again while a git server, or the way to it, fails, with growing pauses, until the time is up.
 *
 * @param work throws ProcessError as git does, or Unreachable
 * @throws SlipwayError that says what to do when the server refuses; the last failure when the time is up
 */
export async function throughOutages<T>(
  work: () => Promise<T>,
  { patience = outagePatience, clock = systemClock }: OutageOptions = {},
): Promise<T> {
  const deadline = clock.now() + patience;
  for (let count = 1; ; count += 1) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ProcessError) {
        const judged = judgeFailure(error);
        if (judged instanceof SlipwayError) throw judged;
      } else if (!(error instanceof Unreachable)) throw error;
      const left = deadline - clock.now();
      if (left <= 0) throw error;
      await clock.sleep(Math.min(pauseAfterOutage(count), left));
    }
  }
}

/** Why the remote could not be reached, in git's own line. */
export function whyUnreachable(error: Unreachable): string {
  return lastLine(error.cause instanceof ProcessError ? error.cause.stderr : error.message);
}
