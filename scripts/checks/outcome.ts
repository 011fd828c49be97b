import { stripVTControlCharacters } from "node:util";

/** A check that did not hold, as the end of a run names it. */
export interface CheckFailure {
  /** What was checked, with the file that a test is in. */
  name: string;
  /** Why it failed: the first line of the message. */
  reason: string;
}

/** How many checks ended in which way, and which of them failed. */
export interface CheckOutcome {
  passed: number;
  failed: number;
  skipped: number;
  /** May be shorter than `failed`: a program can fail without saying where. */
  failures: CheckFailure[];
}

/** The outcome of several runs together. */
export function addOutcomes(...all: readonly CheckOutcome[]): CheckOutcome {
  const sum: CheckOutcome = { passed: 0, failed: 0, skipped: 0, failures: [] };
  for (const each of all) {
    sum.passed += each.passed;
    sum.failed += each.failed;
    sum.skipped += each.skipped;
    sum.failures.push(...each.failures);
  }
  return sum;
}

/** A failure whose reason is the first line of a message that says something; terminal colours are taken out. */
export function failureOf(name: string, message: string): CheckFailure {
  const lines = stripVTControlCharacters(message).split("\n");
  return { name, reason: lines.map((line) => line.trim()).find((line) => line !== "") ?? "it does not say why" };
}

/**
 * The end of a run of checks: a line for each failure, then `12 passed, 0 failed`, with `, 1 skipped` only when there
 * are any.
 */
export function closingLines({ passed, failed, skipped, failures }: CheckOutcome): string {
  const named = failures.map(({ name, reason }) => `✗ ${name}: ${reason}\n`).join("");
  return `${named}${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
