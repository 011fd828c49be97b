import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@slipway/kit/testing/process.ts";
import { beforeEach, expect, it } from "vitest";
import { recordWorld, runningWorld } from "./up.ts";

let record: string;
beforeEach(async () => {
  const folder = await temporaryFolder("world-record");
  const { SLIPWAY_CACHE: before } = process.env;
  process.env.SLIPWAY_CACHE = folder.path;
  record = join(folder.path, "world.json");
  return async () => {
    if (before === undefined) delete process.env.SLIPWAY_CACHE;
    else process.env.SLIPWAY_CACHE = before;
    await folder[Symbol.asyncDispose]();
  };
});

const world = {
  ending: 1_000,
  environment: { AWS_ENDPOINT_URL: "http://127.0.0.1:1" },
  directory: "/somewhere",
  addresses: {},
};

it("is there while the process that keeps it up lives, and no longer", async () => {
  expect(await runningWorld()).toBeUndefined();
  {
    await using _ = await recordWorld(world);
    expect(await runningWorld()).toMatchObject(world);
    expect((await stat(record)).mode & 0o777).toBe(0o600);
  }
  expect(await runningWorld()).toBeUndefined();
});

it("does not believe what a killed process left", async () => {
  await using _ = await recordWorld(world);
  const other = spawn("sleep", ["60"]);
  const alive = { ...(JSON.parse(await readFile(record, "utf8")) as object), pid: other.pid };
  await writeFile(record, JSON.stringify(alive));
  // A number that was given away again: the process lives, but began at another time.
  if (process.platform === "linux") expect(await runningWorld()).toBeUndefined();
  other.kill("SIGKILL");
  await once(other, "exit");
  expect(await runningWorld()).toBeUndefined();
});
