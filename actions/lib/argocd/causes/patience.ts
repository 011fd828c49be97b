import type { Cause } from "./causes.ts";

/** A cause is told after this time, in seconds: much comes and goes within it. */
const quiet = 4;

/** What has become of the causes of an app by now. */
export interface Lasting {
  /** The first that has lasted for longer than its patience. */
  spent: Cause | undefined;
  /** Those that have lasted long enough to be told, and were not told before. */
  news: Cause[];
  /** Milliseconds until one of both may change; `undefined` when time alone changes nothing. */
  next: number | undefined;
}

/** Remembers since when each cause has been there without a break. One for each app. */
export class Patience {
  readonly #since = new Map<string, { seen: number; counts: number | undefined }>();
  readonly #told = new Set<string>();
  readonly #now: () => number;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @param causes all that there are now: what is not among them begins again when it comes again */
  look(causes: readonly Cause[]): Lasting {
    const now = this.#now();
    const keys = new Set(causes.map(({ key }) => key));
    for (const key of this.#since.keys()) if (!keys.has(key)) this.#since.delete(key);
    const lasting: Lasting = { spent: undefined, news: [], next: undefined };
    const later = (time: number) => (lasting.next = Math.min(lasting.next ?? Infinity, time - now));
    for (const cause of causes) {
      const known = this.#since.get(cause.key) ?? { seen: now, counts: undefined };
      this.#since.set(cause.key, known);
      // It counts from when the wanted commit is what is applied.
      known.counts = cause.patience === undefined ? undefined : (known.counts ?? now);
      const end = known.counts === undefined ? undefined : known.counts + (cause.patience ?? 0) * 1000;
      if (end !== undefined && end <= now) lasting.spent ??= cause;
      else if (end !== undefined) later(end);
      if (this.#told.has(cause.key)) continue;
      const telling = known.seen + quiet * 1000;
      if (telling > now) later(telling);
      else {
        lasting.news.push(cause);
        this.#told.add(cause.key);
      }
    }
    return lasting;
  }
}
