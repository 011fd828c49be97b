import { mkdtempDisposable, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { formatBytes, formatDuration, markdownTable, writeSummary } from "./summary.ts";

test("a cell cannot break its table", () => {
  expect(markdownTable(["Image", "Size"], [["a|b\nc", 3]])).toBe("| Image | Size |\n| --- | --- |\n| a\\|b<br>c | 3 |");
});

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
  await writeSummary("### One", env);
  await writeSummary("### Two", env);
  await writeSummary("### Three", {});
  expect(await readFile(env.GITHUB_STEP_SUMMARY, "utf8")).toBe("### One\n\n### Two\n\n");
});
