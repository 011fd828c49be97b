import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { run } from "../../../actions/lib/core/process.ts";
import { endProcesses } from "../world/cleanup.ts";
import { compile, type GoProgram } from "./go.ts";

let module: string;
let cache: string;

/** A module of two programs without an import, in addition to Go's own runtime; one tells a version that the linker sets. */
beforeAll(async () => {
  module = await mkdtemp(join(tmpdir(), "slipway-go-"));
  cache = join(module, "cache");
  vi.stubEnv("SLIPWAY_CACHE", cache);
  const write = async (path: string, text: string) => {
    await mkdir(join(module, path, ".."), { recursive: true });
    await writeFile(join(module, path), text);
  };
  await write(
    "go.mod",
    `module example.org/${basename(module)}\n\ngo 1.24\n\n` +
      "require example.org/tool/v2 v2.3.4\n\nreplace example.org/tool/v2 => ./tool\n",
  );
  await write("main.go", 'package main\n\nfunc main() { println("own") }\n');
  await write("broken/main.go", "package main\n\nfunc main() { nothing() }\n");
  await write("tool/go.mod", "module example.org/tool/v2\n\ngo 1.24\n");
  await write("tool/main.go", 'package main\n\nvar version = "none"\n\nfunc main() { println(version) }\n');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(module, { recursive: true, force: true });
});

const programs: [GoProgram, GoProgram] = [
  { versionOf: "example.org/tool/v2", file: "first" },
  {
    package: "example.org/tool/v2",
    versionOf: "example.org/tool/v2",
    file: "second",
    variables: (version) => ({ "main.version": version }),
  },
];
const log = () => join(module, "go.log");
const packages = async () => (await readFile(log(), "utf8")).split("\n").filter(Boolean);
/** What a note says: steps done, and of how many. */
function stepsIn(note: string): [done: number, total: number] {
  const [, done = "", total = ""] = /^compiling first, second, \[[#-]{20}\] ([\d,]+) of ([\d,]+)$/.exec(note) ?? [];
  return [Number(done.replace(",", "")), Number(total.replace(",", ""))];
}
const entries = () => readdir(join(cache, module));

test("an interrupted compilation leaves nothing but what is done, and the next goes on from there", async () => {
  vi.stubEnv("SLIPWAY_WORLD", module);
  let total = 0;
  let stopped: Promise<void> | undefined;
  const first = compile(module, programs, log(), (note) => {
    const [done, of] = stepsIn(note);
    total = of;
    if (done >= of / 2) stopped ??= endProcesses(module);
  });
  await expect(first).rejects.toThrow("was ended by SIGTERM");
  await stopped;
  expect(await entries()).toEqual([]);
  const before = await packages();

  const steps: [number, number][] = [];
  await rm(log());
  const folder = await compile(module, programs, log(), (note) => steps.push(stepsIn(note)));
  const left = (await packages()).length;
  // What was being compiled when it was stopped is compiled again.
  expect(before.length + left).toBeGreaterThanOrEqual(total - programs.length);
  expect(left).toBeLessThan(total - programs.length);
  expect(steps).toEqual(
    Array.from({ length: left }, (_, index) => [index + 1, left + programs.length]).concat([
      [left + programs.length, left + programs.length],
    ]),
  );
  expect(await entries()).toEqual([basename(folder)]);
  expect(basename(folder)).toMatch(/^v2\.3\.4-[0-9a-f]{8}$/);
  expect((await readdir(folder)).sort()).toEqual(["first", "second"]);
  expect((await run(join(folder, "first"), [])).stderr).toBe("own\n");
  expect((await run(join(folder, "second"), [])).stderr).toBe("v2.3.4\n");

  await rm(log());
  expect(await compile(module, programs, log())).toBe(folder);
  await expect(readFile(log())).rejects.toThrow("ENOENT");
});

test("a change in a folder of the module is compiled again, next to what was compiled before", async () => {
  const before = await entries();
  await writeFile(
    join(module, "tool/main.go"),
    'package main\n\nvar version = "none"\n\nfunc main() { println("changed", version) }\n',
  );
  const folder = await compile(module, programs, log());
  expect((await run(join(folder, "second"), [])).stderr).toBe("changed v2.3.4\n");
  expect((await entries()).sort()).toEqual([...before, basename(folder)].sort());
});

test("what does not compile fails with Go's words and makes no entry", async () => {
  const before = await entries();
  const broken: GoProgram = { package: "./broken", versionOf: "example.org/tool/v2", file: "broken" };
  await expect(compile(module, [broken], log())).rejects.toThrow("undefined: nothing");
  expect(await entries()).toEqual(before);
});
