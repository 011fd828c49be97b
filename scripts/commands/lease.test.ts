import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { run } from "../../actions/lib/core/process.ts";
import { type TestRepository, temporaryRepository } from "../../actions/testing/repository.ts";

const command = resolve(import.meta.dirname, "..", "slipway.ts");
const own = await readFile(resolve(import.meta.dirname, "../../slipway.yaml"), "utf8");
const tomorrow = new Date(Date.now() + 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
let folder: TestRepository;

beforeEach(async () => {
  folder = await temporaryRepository();
  await writeFile(join(folder.path, "slipway.yaml"), own);
  return () => folder[Symbol.asyncDispose]();
});

const slipway = (...args: string[]) => run(process.execPath, [command, "lease", ...args], { cwd: folder.path });
const file = () => readFile(join(folder.path, "slipway.yaml"), "utf8");

describe("slipway lease", () => {
  it("sets a lease, shows it, and removes it again", async () => {
    const { stdout } = await slipway("dev", "--until", tomorrow);
    expect(stdout).toContain(`dev ends on ${tomorrow}, 24:00 UTC (`);
    expect(stdout).toContain(`git commit -m "Lease dev until ${tomorrow}" slipway.yaml && git push`);
    expect((await slipway()).stdout).toContain(`dev          ${tomorrow}, 24:00 UTC  snapshot  `);
    const kept = JSON.parse((await slipway("dev", "--volumes", "keep", "--json")).stdout);
    expect(kept.lease).toMatchObject({ environment: "dev", until: tomorrow, volumes: "keep", state: "ending" });
    expect(JSON.parse((await slipway("dev", "--json")).stdout)).toMatchObject([
      { environment: "dev", until: tomorrow },
    ]);
    expect((await slipway("dev", "--off")).stdout).toContain("dev has no end any more");
    expect(await file()).toBe(own);
  });

  it.each([
    [["nowhere"], /"nowhere" is not in slipway.yaml.*dev/],
    [["--until", tomorrow], /need an environment/],
    [["dev", "--until", "2020-01-01"], /2020-01-01, which is past/],
    [["dev", "--until", "2999-01-01"], /more than a year ahead/],
    [["dev", "--until", tomorrow, "--off"], /--off takes neither/],
    [["dev", "--off"], /dev has no lease/],
    [["dev", "--volumes", "keep"], /A lease needs an end/],
  ])("refuses %j and changes nothing", async (args, complaint) => {
    await expect(slipway(...args)).rejects.toThrow(complaint);
    expect(await file()).toBe(own);
  });
});
