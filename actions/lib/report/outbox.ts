import type { RunReport } from "../../../apps/contract/index.ts";
import type { Console } from "./console.ts";
import { messageOf, SlipwayError } from "../core/errors.ts";
import type { StateStore } from "../terraform/state/store.ts";

/** Where reports wait, in the state bucket. */
const prefix = "reports/";
/** Where those are kept that the console refuses, until a person takes them away or moves them back. */
export const refusedPrefix = "reports/refused/";
const waits = /^reports\/\d{20}-\d+\.json$/;
/** A run sends no more than this many: one that comes after a long time does not take as long. */
const most = 200;

/** How the sending went. */
export interface Sent {
  /** Reports that the console has now. */
  sent: number;
  /** Reports that it does not take, each with the reason; they are kept under `refusedPrefix`. */
  refused: { key: string; why: string }[];
  /** How many earlier runs' reports are kept there. */
  refusedBefore: number;
  /** Reports that wait for the next run, and why. */
  waiting: number;
  why: string | undefined;
  /** Why this run's own report is neither with the console nor in the bucket. */
  lost: string | undefined;
}

/**
 * Puts a report where it cannot be lost, then sends everything that waits, the oldest first. What the console has taken
 * is removed; one that is sent twice changes nothing there. One that it refuses is kept where it is seen, and one that it
 * does not take from this run holds up no other.
 *
 * A bucket that cannot be used is not a reason to tell nobody: then this run's report is sent alone.
 */
export async function sendReports(store: StateStore, console: Console, report: RunReport): Promise<Sent> {
  const { run, attempt } = report.identity;
  // Ids of runs only rise, so that their order by text is that by time as long as they have as many digits.
  const own = `${prefix}${run.padStart(20, "0")}-${attempt}.json`;
  const text = JSON.stringify(report);
  const sent: Sent = { sent: 0, refused: [], refusedBefore: 0, waiting: 0, why: undefined, lost: undefined };
  let all: string[];
  try {
    await store.write(own, text);
    all = await store.list(prefix);
  } catch (error) {
    await console.report(report).then(
      () => (sent.sent = 1),
      (refusal: unknown) => (sent.lost = `${messageOf(refusal)} And it cannot be kept: ${messageOf(error)}`),
    );
    return sent;
  }
  sent.refusedBefore = all.filter((key) => key.startsWith(refusedPrefix)).length;
  const others = all.filter((key) => waits.test(key) && key !== own).sort();
  const queue = [...others.slice(0, most - 1), own].sort();
  sent.waiting = others.length + 1;
  for (const key of queue) {
    try {
      const stored = key === own ? text : (await store.read(key))?.text;
      const answer = stored === undefined ? "gone" : await send(console, stored);
      if (answer === "sent") sent.sent += 1;
      else if (answer !== "gone" && answer.reason === "console-refused") {
        const kept = key.replace(prefix, refusedPrefix);
        await store.write(kept, stored ?? "");
        sent.refused.push({ key: kept, why: answer.why });
      } else if (answer !== "gone") {
        sent.why ??= answer.why;
        if (answer.reason === "console-forbids") continue;
        return sent;
      }
      await store.remove(key);
      sent.waiting -= 1;
    } catch (error) {
      // What the bucket does not give or take now stays in it, and holds up nothing else.
      sent.why ??= messageOf(error);
    }
  }
  if (sent.waiting > 0) sent.why ??= "There are more than one run sends.";
  return sent;
}

/** Sends what was stored. @returns "sent", or why not */
async function send(console: Console, stored: string): Promise<"sent" | { reason: string; why: string }> {
  let report: RunReport;
  try {
    report = JSON.parse(stored) as RunReport;
  } catch (error) {
    return { reason: "console-refused", why: `It is not a report: ${messageOf(error)}` };
  }
  try {
    await console.report(report);
    return "sent";
  } catch (error) {
    const reason = error instanceof SlipwayError ? error.reason : undefined;
    return { reason: reason ?? "console-away", why: messageOf(error) };
  }
}
