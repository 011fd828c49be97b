import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createRunLog, type RunLog } from "./run-log.ts";

let folder = "";
let said: string[] = [];
let log: RunLog;
let clock = 0;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-test-"));
  said = [];
  clock = 0;
  log = createRunLog(
    folder,
    (line) => said.push(line),
    () => clock,
  );
});
afterEach(() => rm(folder, { recursive: true }));

const take = (line: object) =>
  log.take(JSON.stringify({ job: "deliver/Build api-1   ", jobID: "build", matrix: { images: "api" }, ...line }));

it("keeps a job's output in its file and says its end in one line", async () => {
  take({ msg: "⭐ Run Main Build" });
  take({ msg: "building\n", raw_output: true });
  take({ command: "summary", content: "## api\n" });
  take({ command: "warning", arg: "slow\n", level: "warning" });
  take({ job: "deliver/Build web-2", command: "warning", arg: "slow\n", level: "warning" });
  clock = 12_000;
  take({ msg: "🏁  Job succeeded", jobResult: "success" });
  expect(said).toEqual(["      ! slow", expect.stringMatching(/^ {2}✓ Build api +12 s$/)]);
  const [job] = log.jobs();
  expect(job).toMatchObject({
    id: "build",
    name: "Build api",
    conclusion: "success",
    milliseconds: 12_000,
    summary: "## api\n",
  });
  expect(await readFile(join(folder, "build-api.log"), "utf8")).toContain("building\n");
  expect(await readFile(join(folder, "build-api.summary.md"), "utf8")).toBe("## api\n");
});

it("says what a job does that takes long, and nothing of a short one", () => {
  take({ command: "group", arg: "Init" });
  clock = 48_000;
  take({ command: "group", arg: "Apply" });
  take({ command: "endgroup" });
  expect(said).toEqual(["      Build api, 48 s: Apply"]);
});

it("says the last lines of a job that failed, and where the others are", () => {
  for (let index = 0; index < 30; index += 1) take({ msg: `line ${index}`, raw_output: true });
  take({ msg: "❌  Failure - Main Build", stepResult: "failure" });
  take({ jobResult: "failure", msg: "🏁  Job failed" });
  expect(said[0]).toContain("✗ Build api");
  expect(said).toContain("      | line 29");
  expect(said).not.toContain("      | line 9");
  expect(said.at(-1)).toBe(`      its whole log: ${join(folder, "build-api.log")}`);
});

it("does not let one leg of a matrix answer for another", () => {
  take({ msg: "✅  Success - Main Build", stepResult: "success" });
  take({ jobResult: "failure", msg: "🏁  Job failed" });
  expect(log.jobs()[0]?.conclusion).toBe("success");
});

it("counts a job without a result as cancelled, and says what the runner itself could not do", () => {
  take({ msg: "begins" });
  log.take("panic: no workflow");
  expect(log.jobs()[0]?.conclusion).toBe("cancelled");
  expect(said).toEqual(["  ! panic: no workflow"]);
});
