import { MemoryStore, type Options } from "express-rate-limit";
import { Problem } from "../http/problems.ts";

/** How many wrong passwords an account takes. */
export interface AttemptLimit {
  most: number;
  minutes: number;
}

/**
 * Counts wrong passwords of an account, whoever tries them and whether it exists or not. Counted in this process alone:
 * with n replicas, n times as many may be tried.
 */
export class Attempts {
  readonly #store = new MemoryStore();
  readonly #limit: AttemptLimit;

  constructor(limit: AttemptLimit = { most: 10, minutes: 15 }) {
    this.#limit = limit;
    // The store reads nothing else of the middleware's options.
    this.#store.init({ windowMs: limit.minutes * 60_000 } as Options);
  }

  /** Counts an attempt before it is made, so that many at a time are counted, too. @throws Problem 429 that says when */
  async count(key: string): Promise<void> {
    const { totalHits, resetTime } = await this.#store.increment(key);
    const { most, minutes } = this.#limit;
    if (totalHits <= most) return;
    const seconds = Math.max(1, Math.ceil(((resetTime?.getTime() ?? 0) - Date.now()) / 1_000));
    const wait = seconds > 90 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} seconds`;
    const text = `More than ${most} wrong passwords in ${minutes} minutes for this account. Try again in ${wait}.`;
    throw new Problem(429, text, { retryAfter: seconds });
  }

  /** Forgets an account's attempts: the password was right. */
  async forget(key: string): Promise<void> {
    await this.#store.resetKey(key);
  }
}
