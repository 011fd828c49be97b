import { messageOf } from "../../../actions/lib/core/errors.ts";

/** One thing that a rehearsal shows. */
export interface CheckRecord {
  name: string;
  ok: boolean;
  /** What was seen; for a failed check, why it failed. */
  detail: string;
}

/** Does the checks of a rehearsal and keeps their results. */
export interface Checks {
  /**
   * Does one check and prints its line.
   *
   * @param name what is shown, as a statement
   * @param look returns what was seen; throws when the statement does not hold
   */
  check(name: string, look: () => Promise<string> | string): Promise<void>;
  readonly records: readonly CheckRecord[];
}

/**
 * @param line prints a line
 * @param signal no check is done any more when it has aborted
 */
export function createChecks(line: (text: string) => void, signal?: AbortSignal): Checks {
  const records: CheckRecord[] = [];
  return {
    records,
    async check(name, look) {
      signal?.throwIfAborted();
      try {
        records.push({ name, ok: true, detail: await look() });
      } catch (error) {
        signal?.throwIfAborted();
        records.push({ name, ok: false, detail: messageOf(error) });
      }
      const { ok, detail } = records.at(-1) as CheckRecord;
      const [first = "", ...rest] = detail.split("\n");
      line(`  ${ok ? "✓" : "✗"} ${name}${first ? `: ${first}` : ""}`);
      for (const each of rest) line(`      ${each}`);
    },
  };
}

/** Ends a check that does not hold. @throws Error with `message` */
export function insist(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** As `insist`, for two lists that must be equal. */
export function insistSame(what: string, seen: readonly string[], expected: readonly string[]): void {
  const text = (list: readonly string[]) => (list.length > 0 ? list.join(", ") : "nothing");
  insist(text(seen) === text(expected), `${what}: expected ${text(expected)}, saw ${text(seen)}`);
}
