import { hostname, userInfo } from "node:os";
import * as z from "zod";
import type { Config } from "../config/config.ts";
import { SlipwayError } from "../core/errors.ts";
import { appliedKey } from "./fingerprint.ts";
import { stateLocation } from "./root.ts";
import { runAddress } from "./state/lock.ts";
import { openStateStore, type StateStore } from "./state/store.ts";

/**
 * That an environment was destroyed: kept in place of the record of its last apply, until the next apply. State buckets
 * hold it under this key.
 */
const destroyedRecord = z.object({ away: z.object({ since: z.string(), by: z.string() }) });
/** Since when an environment is destroyed, and by whose doing. */
export type Destroyed = z.infer<typeof destroyedRecord>["away"];

/** Notes that an environment is destroyed, so that a push does not bring it back: only somebody who asks for it does. */
export async function writeDestroyed(store: StateStore, stateKey: string): Promise<void> {
  if (await readDestroyed(store, stateKey)) return;
  const by = runAddress() ?? `${userInfo().username}@${hostname()}`;
  await store.write(appliedKey(stateKey), JSON.stringify({ away: { since: new Date().toISOString(), by } }));
}

/** The note of a teardown; undefined where the environment was applied since, or never destroyed. */
export async function readDestroyed(store: StateStore, stateKey: string): Promise<Destroyed | undefined> {
  const record = await store.read(appliedKey(stateKey));
  if (!record) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(record.text);
  } catch {
    return undefined;
  }
  const parsed = destroyedRecord.safeParse(json);
  return parsed.success ? parsed.data.away : undefined;
}

/** Whether an environment is destroyed and nobody has asked for it: what a push finds after a teardown. */
export async function destroyedUnasked(
  question: { config: Config; environment: string; credentials: Parameters<typeof openStateStore>[0]["credentials"] },
  env: NodeJS.ProcessEnv = process.env,
): Promise<Destroyed | undefined> {
  // A run that a person dispatched, or a person at a machine, means it.
  if (!["push", "schedule"].includes(env.GITHUB_EVENT_NAME ?? "")) return undefined;
  const { bucket, key, region } = stateLocation(question.config, "environment", question.environment);
  return readDestroyed(openStateStore({ bucket, region, credentials: question.credentials }), key);
}

/** What to tell whoever pushes. */
export function describeDestroyed(environment: string, { since, by }: Destroyed): { message: string; next: string } {
  return {
    message: `The environment ${environment} was taken away at ${since} (${by}), so nothing is delivered to it.`,
    next: 'To bring it back, run the workflow "deliver" by hand.',
  };
}

/** @throws SlipwayError with reason `environment-away` when a push meets a destroyed environment */
export async function refuseDestroyed(question: Parameters<typeof destroyedUnasked>[0]): Promise<void> {
  const destroyed = await destroyedUnasked(question);
  if (!destroyed) return;
  const { message, next } = describeDestroyed(question.environment, destroyed);
  throw new SlipwayError(message, { next, reason: "environment-away" });
}
