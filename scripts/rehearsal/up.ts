import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { beginOf } from "./world/cleanup.ts";
import type { KubeContextOptions } from "./context/context.ts";
import { lastLines } from "./docker/daemon.ts";
import { padText, textWidth } from "../terminal/text-table.ts";
import { cacheFolder } from "./tools/cache.ts";

/** A world that is up, as its own process has written it down. */
export interface WorldRecord {
  /** The process that holds the world, and when it began, in the system's own words. */
  pid: number;
  began: string;
  /** The clone of the person who uses the repository there: edit, commit, `git push`. */
  directory: string;
  /** Milliseconds that its end may take. */
  ending: number;
  /** What makes tools speak to this world and not to a real account. */
  environment: NodeJS.ProcessEnv;
  /** What a person may open or use, by its name. */
  addresses: Record<string, string>;
}

const recordFile = () => join(cacheFolder(), "world.json");

/** The world that is up on this machine; undefined when there is none. */
export async function runningWorld(): Promise<WorldRecord | undefined> {
  const text = await readFile(recordFile(), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const record = JSON.parse(text) as WorldRecord;
  return (await beginOf(record.pid)) === record.began ? record : undefined;
}

/** Writes down the world that this process holds; the record goes when this is disposed of. */
export async function recordWorld(world: Omit<WorldRecord, "pid" | "began">): Promise<AsyncDisposable> {
  const record: WorldRecord = { pid: process.pid, began: await beginOf(process.pid), ...world };
  // It holds keys, if only to an emulator.
  await writeFile(recordFile(), JSON.stringify(record, undefined, 2), { mode: 0o600 });
  return { [Symbol.asyncDispose]: () => rm(recordFile(), { force: true }) };
}

/**
 * Starts a process that makes a world and holds it, and waits until the world is up.
 *
 * @param repository the repository that is rehearsed
 * @param context a cluster of the person's to rehearse in
 * @param say gets what the process prints
 * @param signal ends the process when it aborts
 * @throws SlipwayError when a world is up already, or none comes up
 */
export async function startWorld(
  repository: string,
  context: KubeContextOptions | undefined,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<WorldRecord> {
  const other = await runningWorld();
  if (other)
    throw new SlipwayError(`A world is up on this machine already (process ${other.pid}).`, {
      next: 'End it with "./slipway down".',
    });
  const path = join(repository, ".slipway", "up.log");
  await mkdir(dirname(path), { recursive: true });
  const log = await open(path, "w");
  const inContext = context ? ["--context", context.name, "--yes"] : [];
  const at = context?.address ? ["--address", context.address] : [];
  const command = [join(repository, "scripts", "slipway.ts"), "up", "--foreground", ...inContext, ...at];
  const child = spawn(process.execPath, command, {
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
  });
  await log.close();
  child.unref();
  const stop = () => child.kill("SIGTERM");
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await firstRecord(child, path, say);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Passes on what a starting world prints, until it is up or has ended. */
async function firstRecord(child: ChildProcess, log: string, say: (text: string) => void): Promise<WorldRecord> {
  const state = { ended: false };
  child.once("exit", () => (state.ended = true));
  await using file = await open(log, "r");
  const pass = async () => {
    for (;;) {
      const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(65_536) });
      if (bytesRead === 0) return;
      say(buffer.subarray(0, bytesRead).toString());
    }
  };
  for (;;) {
    const { ended } = state;
    await pass();
    const record = await runningWorld();
    if (record && record.pid === child.pid) return record;
    if (ended)
      throw new SlipwayError(`No world came up:\n${await lastLines(log, 3)}`, { next: `Its whole log is ${log}.` });
    await sleep(200);
  }
}

/**
 * Ends the world that is up and waits until nothing is left of it.
 *
 * @returns whether there was one
 * @throws SlipwayError when it does not end
 */
export async function stopWorld(): Promise<boolean> {
  const world = await runningWorld();
  if (!world) return false;
  process.kill(world.pid, "SIGTERM");
  const deadline = Date.now() + world.ending;
  while ((await beginOf(world.pid)) === world.began) {
    if (Date.now() > deadline)
      throw new SlipwayError(`The world's process ${world.pid} does not end.`, {
        next: `Look at: ps -fp ${world.pid}.`,
      });
    await sleep(100);
  }
  return true;
}

/** Waits for the end of a world that its own process holds. */
export async function untilEnded(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}

/** What a world that is up offers, for a terminal. */
export function describeWorld({ addresses }: WorldRecord): string {
  const width = Math.max(...Object.keys(addresses).map(textWidth));
  const lines = Object.entries(addresses).map(([name, address]) => `  ${padText(name, width)}  ${address}`);
  return [
    "The world is up. What can be reached:",
    ...lines,
    "",
    "Change something in your clone, commit, git pull --rebase, git push, and watch.",
    '"./slipway status", "./slipway logs APP" and "./slipway link" look into this world while it is up.',
    'End it with "./slipway down".',
  ].join("\n");
}
