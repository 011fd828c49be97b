import { randomUUID } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { SlipwayError } from "../../core/errors.ts";
import type { StateLocation } from "../root.ts";
import type { StateStore } from "./store.ts";
import { terraformVersion } from "../run/version.ts";

/**
 * Terraform's own lock, taken by us: the same object with the same content as `use_lockfile` makes, so that Terraform in
 * anybody's hands respects ours and we respect theirs. Taken by us, one lock covers plan, apply and the record of the
 * apply without a gap; it names the GitHub run that holds it; and it can be released with fresh credentials after those
 * that Terraform was started with have expired.
 *
 * The fields are Terraform's: https://github.com/hashicorp/terraform/blob/v1.11.4/internal/states/statemgr/locker.go
 */
const lockInfo = z.object({
  ID: z.string(),
  Operation: z.string(),
  Info: z.string(),
  Who: z.string(),
  Version: z.string(),
  Created: z.string(),
  Path: z.string(),
});
/** Who holds a state's lock, since when and for what. */
export type LockInfo = z.infer<typeof lockInfo>;

/** Where the S3 backend keeps the lock of a state. */
export const lockKey = (stateKey: string) => `${stateKey}.tflock`;

/** A lock's content. @throws SlipwayError when it is not a lock of Terraform's */
export function parseLock(text: string, path: string): LockInfo {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const parsed = lockInfo.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new SlipwayError(`${path} is not a lock that Terraform writes; it was left alone.`, {
    next: "Look at the object; remove it by hand when nothing uses the state.",
    reason: "state-locked",
  });
}

/** A lock for a person: who, since when, what, and its id. */
export function describeLock(lock: LockInfo, now = new Date()): string {
  const minutes = Math.max(0, Math.round((now.getTime() - Date.parse(lock.Created)) / 60_000));
  const operation = lock.Operation.replace(/^OperationType/, "").toLowerCase() || "unknown operation";
  const ago = minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
  const since = Number.isNaN(minutes) ? lock.Created : `${lock.Created.slice(0, 19)}Z (${ago} ago)`;
  return `${lock.Who} since ${since} for "${operation}", lock id ${lock.ID}${lock.Info ? `, ${lock.Info}` : ""}`;
}

/** The address of the run that this process is part of; undefined outside of GitHub Actions. */
export function runAddress(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (!env.GITHUB_RUN_ID || !env.GITHUB_REPOSITORY) return undefined;
  const server = env.GITHUB_SERVER_URL || "https://github.com";
  return `${server}/${env.GITHUB_REPOSITORY}/actions/runs/${env.GITHUB_RUN_ID}/attempts/${env.GITHUB_RUN_ATTEMPT || "1"}`;
}

/** A lock that is held. */
export interface HeldLock {
  readonly info: LockInfo;
  /** Leaves the lock in place at the end, since the next apply would start from a state that is not true. */
  keep: () => void;
}

/**
 * Holds the lock of a state while `work` runs.
 *
 * @throws SlipwayError with reason `state-locked`, naming the owner, when somebody else holds it; theirs is left alone
 */
export async function withStateLock<T>(
  store: StateStore,
  { bucket, key }: StateLocation,
  operation: "apply" | "destroy",
  work: (lock: HeldLock) => Promise<T>,
): Promise<T> {
  const info: LockInfo = {
    ID: randomUUID(),
    Operation: operation === "apply" ? "OperationTypeApply" : "OperationTypeDestroy",
    Info: runAddress() ?? "",
    Who: `${userInfo().username}@${hostname()}`,
    Version: terraformVersion.pinned,
    Created: new Date().toISOString(),
    Path: `${bucket}/${key}`,
  };
  await take(store, lockKey(key), info);
  const end = { kept: false };
  try {
    return await work({ info, keep: () => (end.kept = true) });
  } finally {
    if (!end.kept) await release(store, lockKey(key), info);
  }
}

/**
 * Refuses when somebody holds the lock of a state, and takes nothing.
 *
 * @throws SlipwayError with reason `state-locked`, naming the owner
 */
export async function refuseLocked(store: StateStore, { bucket, key }: StateLocation): Promise<void> {
  const held = await store.read(lockKey(key));
  if (held) throw locked(`${bucket}/${key}`, parseLock(held.text, lockKey(key)));
}

function locked(state: string, lock: LockInfo): SlipwayError {
  return new SlipwayError(`The state ${state} is locked: ${describeLock(lock)}.`, {
    next: `Wait until that has ended and run this again. If it ended without unlocking, give the input "force-unlock: ${lock.ID}".`,
    reason: "state-locked",
  });
}

async function take(store: StateStore, path: string, info: LockInfo): Promise<void> {
  // Between our failed attempt and our look, the owner may let go.
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    if (await store.create(path, JSON.stringify(info))) return;
    const held = await store.read(path);
    if (held) {
      const lock = parseLock(held.text, path);
      // Our own request may have been repeated by the SDK after its answer was lost.
      if (lock.ID === info.ID) return;
      throw locked(info.Path, lock);
    }
    await sleep(200 * attempt);
  }
  throw new SlipwayError(`The lock of ${info.Path} changed hands three times in a second.`, {
    next: "Run this again when fewer runs want it.",
    reason: "state-locked",
  });
}

async function release(store: StateStore, path: string, info: LockInfo): Promise<void> {
  const held = await store.read(path);
  // Somebody broke our lock, and it may be theirs now.
  if (held && parseLock(held.text, path).ID === info.ID) await store.remove(path);
}

/**
 * Breaks the lock `id`, only when it is the one that is held and the GitHub run that holds it has ended.
 *
 * @param runHasEnded asks GitHub about a run of this repository
 * @returns the broken lock, or undefined when none was held
 * @throws SlipwayError with reason `state-locked` when the lock is left alone
 */
export async function breakLock(
  store: StateStore,
  { key }: StateLocation,
  id: string,
  runHasEnded: (run: number) => Promise<boolean>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<LockInfo | undefined> {
  const path = lockKey(key);
  const held = await store.read(path);
  if (!held) return undefined;
  const lock = parseLock(held.text, path);
  const refuse = (why: string, next: string) =>
    new SlipwayError(`The lock was left alone, because ${why}: ${describeLock(lock)}.`, {
      next,
      reason: "state-locked",
    });
  if (lock.ID !== id)
    throw refuse(`its id is not ${id}`, `Give the input "force-unlock: ${lock.ID}" if you mean this one.`);
  const run = /^https?:\/\/[^/]+\/([^/]+\/[^/]+)\/actions\/runs\/(\d+)\/attempts\/(\d+)$/.exec(lock.Info);
  if (!run || run[1] !== env.GITHUB_REPOSITORY)
    throw refuse(
      "it was not taken by a run of this repository, so nobody can tell whether its owner still works",
      `Ask ${lock.Who}; then run in the root's folder: terraform force-unlock ${lock.ID}.`,
    );
  // An attempt can only start after the one before it has ended.
  const earlier = run[2] === env.GITHUB_RUN_ID && Number(run[3]) < Number(env.GITHUB_RUN_ATTEMPT || "1");
  if (!earlier && !(await runHasEnded(Number(run[2]))))
    throw refuse("the run that holds it has not ended", "Cancel that run, or wait for it.");
  await store.remove(path);
  return lock;
}
