import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { exists } from "../../../actions/lib/core/files.ts";
import { endProcesses, processesOf, takeLock, worldVariable } from "./cleanup.ts";
import { startDaemon } from "../docker/daemon.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A process of the world `world` that has a child of its own in another process group and does not heed SIGTERM. */
async function stubborn(world: string) {
  const script = "trap '' TERM; setsid sleep 60 & echo started; while :; do sleep 0.1; done";
  const log = join(folder, "log");
  const env = { PATH: process.env.PATH, [worldVariable]: world };
  const daemon = await startDaemon("stubborn", "/bin/sh", ["-c", script], { log, env, grace: 200 });
  await daemon.ready(async () => (await readFile(log, "utf8")).includes("started"), 5_000);
  return daemon;
}

it("lets one hold the lock at a time, and names the holder", async () => {
  const path = join(folder, "lock");
  {
    await using _lock = await takeLock(path, folder, () => {});
    await expect(takeLock(path, folder, () => {})).rejects.toThrow(`process ${process.pid}`);
  }
  await using _again = await takeLock(path, folder, () => {});
});

it("takes over the lock of a process that has died, and takes away what it left", async () => {
  const path = join(folder, "lock");
  const world = join(folder, "old-world");
  await mkdir(world);
  const left = await stubborn(world);
  await writeFile(path, JSON.stringify({ pid: process.pid, began: "another process", world, since: "yesterday" }));
  const said: string[] = [];
  await using _lock = await takeLock(path, folder, (line) => said.push(line));
  expect(said).toEqual([`The last rehearsal did not end in order; taking away what it left (${world}).`]);
  expect(await exists(world)).toBe(false);
  // Only Linux lets us find the processes of a world.
  if (process.platform === "linux") expect(await processesOf(world)).toEqual([]);
  await left.stop();
}, 30_000);

it("ends every process of a world, also those that do not heed it", async () => {
  const daemon = await stubborn(folder);
  if (process.platform === "linux") {
    expect((await processesOf(folder)).length).toBeGreaterThanOrEqual(2);
    await endProcesses(folder, 500);
    expect(await processesOf(folder)).toEqual([]);
    await expect.poll(() => daemon.ended).toBe(true);
  }
  await daemon.stop();
  expect(daemon.ended).toBe(true);
});
