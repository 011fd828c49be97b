import { mkdtempDisposable, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { codeBlock, safe } from "./markdown.ts";
import { formatBytes, formatDuration, writeSummary } from "./summary.ts";

test("sizes and durations read well", () => {
  expect([0, 999, 1000, 48_234_567, 5e12].map(formatBytes)).toEqual(["0 B", "999 B", "1.0 kB", "48.2 MB", "5.0 TB"]);
  expect([40, 9_400, 12_300, 59_700, 200_000].map(formatDuration)).toEqual([
    "0.0 s",
    "9.4 s",
    "12 s",
    "1 min 0 s",
    "3 min 20 s",
  ]);
});

test("summaries follow each other, and are left out where there is no file for them", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "slipway-summary-"));
  const env = { GITHUB_STEP_SUMMARY: join(folder.path, "summary.md") };
  await writeSummary(safe`### One`, env);
  await writeSummary(safe`### Two`, env);
  await writeSummary(safe`### Three`, {});
  expect(await readFile(env.GITHUB_STEP_SUMMARY, "utf8")).toBe("### One\n\n### Two\n\n");
});

test("what is above GitHub's limit in bytes is cut, and said to be, with its code block closed", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "slipway-summary-"));
  const env = { GITHUB_STEP_SUMMARY: join(folder.path, "summary.md") };
  await writeSummary(safe`### One`, env);
  await writeSummary(codeBlock("a line of ñ and 漢\n".repeat(60_000)), env);
  await writeSummary(safe`### Three`, env);
  const whole = await readFile(env.GITHUB_STEP_SUMMARY);
  expect(whole.length).toBeLessThanOrEqual(1024 * 1024);
  expect(whole.length).toBeGreaterThan(1024 * 1024 - 100);
  expect(whole.toString()).toMatch(/^### One\n\n```text\n[^]*漢\n```\n\n\*Cut: .*\*\n\n\n$/);
});
