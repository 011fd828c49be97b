import { hostname, userInfo } from "node:os";
import * as z from "zod";
import type { Config } from "../config/config.ts";
import { SlipwayError } from "../core/errors.ts";
import { appliedKey } from "./fingerprint.ts";
import { stateLocation } from "./root.ts";
import { runAddress } from "./state/lock.ts";
import { openStateStore, type StateStore } from "./state/store.ts";

/** That an environment was taken away: kept in place of the record of its last apply, until the next apply. */
const awayRecord = z.object({ away: z.object({ since: z.string(), by: z.string() }) });
/** Since when an environment is away, and by whose doing. */
export type Away = z.infer<typeof awayRecord>["away"];

/** Notes that an environment goes away, so that a push does not bring it back: only somebody who asks for it does. */
export async function writeAway(store: StateStore, stateKey: string): Promise<void> {
  if (await readAway(store, stateKey)) return;
  const by = runAddress() ?? `${userInfo().username}@${hostname()}`;
  await store.write(appliedKey(stateKey), JSON.stringify({ away: { since: new Date().toISOString(), by } }));
}

/** The note of a teardown; undefined where the environment was applied since, or never taken away. */
export async function readAway(store: StateStore, stateKey: string): Promise<Away | undefined> {
  const record = await store.read(appliedKey(stateKey));
  if (!record) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(record.text);
  } catch {
    return undefined;
  }
  const parsed = awayRecord.safeParse(json);
  return parsed.success ? parsed.data.away : undefined;
}

/** Whether an environment is away and nobody has asked for it: what a push finds after a teardown. */
export async function awayUnasked(
  question: { config: Config; environment: string; credentials: Parameters<typeof openStateStore>[0]["credentials"] },
  env: NodeJS.ProcessEnv = process.env,
): Promise<Away | undefined> {
  // A run that a person dispatched, or a person at a machine, means it.
  if (!["push", "schedule"].includes(env.GITHUB_EVENT_NAME ?? "")) return undefined;
  const { bucket, key, region } = stateLocation(question.config, "environment", question.environment);
  return readAway(openStateStore({ bucket, region, credentials: question.credentials }), key);
}

/** What to tell whoever pushes. */
export function describeAway(environment: string, { since, by }: Away): { message: string; next: string } {
  return {
    message: `The environment ${environment} was taken away at ${since} (${by}), so nothing is delivered to it.`,
    next: 'To bring it back, run the workflow "deliver" by hand.',
  };
}

/** @throws SlipwayError with reason `environment-away` when a push meets an environment that was taken away */
export async function refuseAway(question: Parameters<typeof awayUnasked>[0]): Promise<void> {
  const away = await awayUnasked(question);
  if (!away) return;
  const { message, next } = describeAway(question.environment, away);
  throw new SlipwayError(message, { next, reason: "environment-away" });
}
