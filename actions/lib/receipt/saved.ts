import * as z from "zod";
import type { Config } from "../config/config.ts";
import { readDestroyed } from "../terraform/destroyed.ts";
import { stateLocation } from "../terraform/root.ts";
import type { StateStore } from "../terraform/state/store.ts";

/** Where the last receipt of an environment is kept: next to its state. */
export const receiptKey = (environment: string) => `environments/${environment}/receipt.json`;

/** What of a receipt says whether everything is gone. */
const verdict = z.object({ clean: z.boolean(), at: z.iso.datetime() });

/**
 * Since when nothing of an environment is left: the time of the clean receipt that ended its last teardown. A teardown
 * that has only begun, or left something, does not count.
 *
 * @returns undefined while something of it may be there
 * @throws SlipwayError when the state bucket cannot be read
 */
export async function goneSince(store: StateStore, config: Config, environment: string): Promise<string | undefined> {
  const { key } = stateLocation(config, "environment", environment);
  const [destroyed, receipt] = await Promise.all([readDestroyed(store, key), store.read(receiptKey(environment))]);
  if (!destroyed || !receipt) return undefined;
  const { data } = verdict.safeParse(parseJson(receipt.text));
  return data?.clean && data.at > destroyed.since ? data.at : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
