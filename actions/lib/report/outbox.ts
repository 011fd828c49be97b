import type { Report } from "../../../apps/proyecto06/contract/index.ts";
import type { Console } from "../console.ts";
import { messageOf, SlipwayError } from "../errors.ts";
import type { StateStore } from "../terraform/state-store.ts";

/** Where reports wait, in the state bucket. */
const prefix = "reports/";
/** A run sends no more than this many: one that comes after a long time does not take as long. */
const most = 200;

/** How the sending went. */
export interface Sent {
  /** Reports that the console has now. */
  sent: number;
  /** Reports that it will never take, each with the reason. */
  refused: { key: string; why: string }[];
  /** Reports that wait for the next run, and why. */
  waiting: number;
  why: string | undefined;
}

/**
 * Puts a report where it cannot be lost, then sends everything that waits, the oldest first. What the console has taken
 * is removed; one that is sent twice changes nothing there.
 */
export async function sendReports(store: StateStore, console: Console, report: Report): Promise<Sent> {
  const { run, attempt } = report.identity;
  // Ids of runs only rise, so that their order by text is that by time as long as they have as many digits.
  await store.write(`${prefix}${run.padStart(20, "0")}-${attempt}.json`, JSON.stringify(report));
  const keys = (await store.list(prefix)).sort();
  const refused: Sent["refused"] = [];
  let sent = 0;
  for (const key of keys.slice(0, most)) {
    const stored = await store.read(key);
    try {
      if (stored) await console.report(JSON.parse(stored.text) as Report);
      sent += stored ? 1 : 0;
    } catch (error) {
      if (!(error instanceof SlipwayError) || error.reason !== "console-refused")
        return { sent, refused, waiting: keys.length - sent - refused.length, why: messageOf(error) };
      refused.push({ key, why: messageOf(error) });
    }
    await store.remove(key);
  }
  const waiting = Math.max(0, keys.length - most);
  return { sent, refused, waiting, why: waiting > 0 ? "There are more than one run sends." : undefined };
}
