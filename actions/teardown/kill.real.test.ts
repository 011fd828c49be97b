import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { listAccount } from "../../scripts/rehearsal/aws/account-listing.ts";
import { endProcesses, worldVariable } from "../../scripts/rehearsal/world/cleanup.ts";
import { openTeardownWorld, type TeardownWorld } from "../testing/teardown/teardown.ts";
import { stateLocation } from "../lib/terraform/root.ts";
import { lockKey, parseLock } from "../lib/terraform/state/lock.ts";
import { openStateStore } from "../lib/terraform/state/store.ts";

let world: TeardownWorld;
/** Of the processes that are killed, with whatever they leave. */
let temporary: string;
beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), "slipway-kill-"));
  world = await openTeardownWorld();
  // Only a lock that a run of this repository took can be broken by another one.
  vi.stubEnv("GITHUB_REPOSITORY", "owner/demo");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await world[Symbol.asyncDispose]();
  await rm(temporary, { recursive: true, force: true });
});

/** One that asks a run to stop, instead of killing it. */
const asked = /^terraform destroy/;

/** Where each run is ended: at the beginning of a stage, and in the middle of those that take time. */
const points = [
  /^Down: delivery/,
  /^Down: apps/,
  /^Down: volumes/,
  /^Down: argocd/,
  /^Down: cluster/,
  /^terraform init/,
  /aws_eks_addon.*: destroyed/,
  asked,
  /aws_eks_cluster.*: destroyed/,
  /^Down: logs/,
  /^Down: network/,
  /aws_route.*: destroyed/,
  /aws_eip.*: destroyed/,
  /^Down: registry/,
  /^Deletes the image repository/,
];

/** The id of the lock that a killed run has left. */
async function leftLock(): Promise<string | undefined> {
  for (const root of ["environment", "registry"] as const) {
    const location = stateLocation(world.config, root, "dev");
    const credentials = async () => world.aws.credentials;
    const held = await openStateStore({ ...location, credentials }).read(lockKey(location.key));
    if (held) return parseLock(held.text, location.key).ID;
  }
  return undefined;
}

/** Runs a teardown until a line of its log fits, then kills it and what it started. @returns whether it came that far */
async function killAt(point: RegExp | undefined, run: number): Promise<{ killed: boolean; log: string }> {
  const lock = await leftLock();
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, "../testing/teardown/process.ts"), "dev", lock ?? ""],
    {
      cwd: world.repository,
      env: {
        ...process.env,
        GITHUB_RUN_ID: String(run),
        GITHUB_RUN_ATTEMPT: "1",
        [worldVariable]: world.repository,
        TMPDIR: temporary,
        RUNNER_TEMP: temporary,
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let log = "";
  let killed = false;
  child.stderr.on("data", (data: Buffer) => (log += data.toString()));
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    log += `${line}\n`;
    if (killed || !point?.test(line)) return;
    killed = true;
    child.kill(point === asked ? "SIGINT" : "SIGKILL");
  });
  await once(child, "close");
  // As GitHub's runner does with what a step has left.
  await endProcesses(world.repository, 0);
  return { killed, log };
}

it("comes to the same end, however often it is killed", { timeout: 900_000 }, async () => {
  const before = await listAccount(world.aws);
  await world.up("registry", "dev");
  await world.up("environment", "dev");
  let run = 0;
  const missed: string[] = [];
  for (const point of points) {
    run += 1;
    const { killed, log } = await killAt(point, run);
    if (!killed) missed.push(`${String(point)}: ${log}`);
  }
  const last = await killAt(undefined, run + 1);
  expect(last.log).toContain("All of it is gone.");
  expect(await listAccount(world.aws)).toEqual(before);
  expect(missed).toEqual([]);
});
