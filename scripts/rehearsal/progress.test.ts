import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { textWidth } from "../terminal/text-table.ts";
import { createProgress } from "./progress.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-test-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("prints one line per stage where there is no terminal, and keeps how it went", async () => {
  let printed = "";
  const progress = createProgress(folder, { write: (text) => (printed += text) });
  const result = await progress.stage("base images", async (stage) => {
    stage.note("at it");
    stage.note("4 made");
    return 7;
  });
  progress.end();
  expect(result).toBe(7);
  expect(printed).toMatch(/^ {2}✓ base images +0\.0 s {3}4 made\n$/);
  expect(progress.stages).toMatchObject([{ name: "base images", ok: true, log: join(folder, "base-images.log") }]);
  if (process.platform === "linux") expect(progress.stages[0]?.peakMemoryBytes).toBeGreaterThan(10_000_000);
});

it("names the log of a stage that fails, and puts the reason there", async () => {
  let printed = "";
  const progress = createProgress(folder, { write: (text) => (printed += text) });
  const failing = progress.stage("AWS", () => Promise.reject(new Error("no port")));
  await expect(failing).rejects.toThrow("no port");
  progress.end();
  expect(printed).toContain(`✗ AWS`);
  expect(printed).toContain(`log: ${join(folder, "AWS.log")}`);
  expect(await readFile(join(folder, "AWS.log"), "utf8")).toContain("no port");
});

it("redraws running stages on a terminal and clears them at the end", async () => {
  let printed = "";
  const progress = createProgress(folder, { isTTY: true, columns: 60, write: (text) => (printed += text) });
  await progress.stage("buildx", async (stage) => {
    stage.note(`compiling ${"x".repeat(60)}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    stage.note("done");
  });
  progress.end();
  expect(printed).toMatch(/⠙ buildx +0\.\d s {3}comp/);
  expect(
    Math.max(
      ...printed
        .split("\n")
        .filter((line) => line.includes("compiling"))
        .map((line) => line.length),
    ),
  ).toBeLessThan(75);
  expect(printed).toContain("\u001b[1A\u001b[0J");
  expect(printed.trimEnd().endsWith("done")).toBe(true);
});

it("says once a minute how far a running stage is where there is no terminal", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
  try {
    let printed = "";
    const progress = createProgress(folder, { write: (text) => (printed += text) });
    let finish = () => {};
    const stage = progress.stage("node image", async ({ note }) => {
      note("package 10 of 900");
      await new Promise<void>((resolve) => (finish = resolve));
    });
    vi.advanceTimersByTime(150_000);
    expect(printed).toMatch(
      /^ {2}… node image +1 min 0 s {3}package 10 of 900\n {2}… node image +2 min 0 s {3}package 10 of 900\n$/,
    );
    finish();
    await stage;
    vi.advanceTimersByTime(300_000);
    expect(printed.match(/…/g)).toHaveLength(2);
  } finally {
    vi.useRealTimers();
  }
});

it("keeps the durations below each other, whatever the names", async () => {
  let printed = "";
  const progress = createProgress(folder, { write: (text) => (printed += text) });
  for (const name of ["AWS", "start an-app-with-a-rather-long-name", "éclair 東京", "e\u0301clair"])
    await progress.stage(name, () => Promise.resolve());
  const columns = printed
    .trimEnd()
    .split("\n")
    .map((line) => textWidth(line));
  expect(new Set(columns).size).toBe(1);
});
