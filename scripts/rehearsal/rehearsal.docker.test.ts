import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { exists } from "../../actions/lib/core/files.ts";
import { processesOf } from "./world/cleanup.ts";

const repository = join(import.meta.dirname, "..", "..");
let folder = "";
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-test-"));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

/** Starts `slipway rehearse` as a terminal does; `printed` grows with what it says. */
function start() {
  const child = spawn(process.execPath, [join(repository, "scripts", "slipway.ts"), "rehearse", "--until", "plan"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const said = { printed: "" };
  const take = (chunk: Buffer) => {
    said.printed += chunk.toString();
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  return { child, said, ended: once(child, "close") as Promise<[number | null]> };
}

it("lets nobody rehearse twice at once, and leaves nothing when it is interrupted", async () => {
  const first = start();
  await expect.poll(() => first.said.printed, { timeout: 120_000, interval: 50 }).toContain("✓ AWS");
  const world = /on this machine alone \((\S+)\)/.exec(first.said.printed)?.[1] ?? "";
  expect(await exists(world)).toBe(true);
  if (process.platform === "linux") expect((await processesOf(world)).length).toBeGreaterThan(0);

  const second = start();
  expect((await second.ended)[0]).toBe(1);
  expect(second.said.printed).toContain(`Another rehearsal runs here since`);
  expect(second.said.printed).toContain(`(process ${first.child.pid})`);

  first.child.kill("SIGINT");
  expect((await first.ended)[0]).toBe(1);
  expect(first.said.printed).toContain("slipway: Interrupted (SIGINT).");
  expect(await exists(world)).toBe(false);
  expect(await processesOf(world)).toEqual([]);
});
