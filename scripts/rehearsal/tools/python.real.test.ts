import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../../actions/lib/core/process.ts";
import { ensurePython } from "./python.ts";

let folder: string;
let python: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-python-"));
  ({ python } = await ensurePython());
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Makes an environment of the test's own from the text of a requirements file. */
async function make(name: string, requirements: string, timeout = 120_000): Promise<string> {
  const file = join(folder, `${name}.txt`);
  await writeFile(file, requirements);
  const environment = join(folder, name);
  await run(python, [join(import.meta.dirname, "virtual-environment.py"), environment, file], { timeout });
  return environment;
}

test("the programs of the world run", async () => {
  const { act, python: own } = await ensurePython();
  expect((await run(act, ["--version"])).stdout).toMatch(/act version \d/);
  expect((await run(own, ["-c", "import ministack, docker, cryptography"])).code).toBe(0);
});

test("two processes that need one environment at once both get it whole", async () => {
  const environments = await Promise.all([make("shared", ""), make("shared", "")]);
  for (const environment of environments) await run(join(environment, "bin", "python"), ["-m", "pip", "--version"]);
});

test("an environment whose making was interrupted is completed", async () => {
  await expect(make("interrupted", "", 300)).rejects.toThrow("was stopped");
  await expect(access(join(folder, "interrupted", "complete"))).rejects.toThrow("ENOENT");
  const environment = await make("interrupted", "");
  await run(join(environment, "bin", "python"), ["-m", "pip", "--version"]);
  await access(join(environment, "complete"));
});

test("a package without a hash, or with another one, is not installed", async () => {
  await expect(make("unhashed", "six==1.17.0\n")).rejects.toThrow(/hash/i);
  const wrong = `six==1.17.0 --hash=sha256:${"0".repeat(64)}\n`;
  await expect(make("wrong", wrong)).rejects.toThrow(/DO NOT MATCH/i);
});
