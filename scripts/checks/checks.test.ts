import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../../actions/lib/core/process.ts";
import { temporaryFolder } from "@slipway/kit/testing/process.ts";
import { outcomeOf, type VitestReport } from "./checks.ts";
import { addOutcomes, closingLines, failureOf } from "./outcome.ts";

const root = join(import.meta.dirname, "../..");
const passed = { status: "passed", fullName: "a is b", failureMessages: [] };
const failed = { status: "failed", fullName: "b is c", failureMessages: ["Error: b is d\n    at line 1"] };

const reportOf = (...testResults: VitestReport["testResults"]): VitestReport => ({
  numPassedTests: 3,
  numPendingTests: 0,
  testResults,
});
const fileOf = (...assertionResults: VitestReport["testResults"][number]["assertionResults"]) => ({
  name: join(root, "scripts/x.test.ts"),
  status: assertionResults.every((each) => each.status === "passed") ? "passed" : "failed",
  message: "",
  assertionResults,
});

test("a failed test is named with its file and the first line of its message", () => {
  expect(outcomeOf(reportOf(fileOf(passed, failed)), 1)).toEqual({
    passed: 3,
    failed: 1,
    skipped: 0,
    failures: [{ name: "scripts/x.test.ts > b is c", reason: "Error: b is d" }],
  });
});

test("a file that fails outside of its tests counts as a failure, as does a failure that no test shows", () => {
  const unloadable = { ...fileOf(), status: "failed", message: "Cannot find module" };
  const brokenHook = { ...fileOf({ ...passed, status: "skipped" }), status: "failed", message: "no daemon" };
  const outcome = outcomeOf(reportOf(fileOf(failed), unloadable, brokenHook), 1);
  expect(outcome.failed).toBe(3);
  expect(outcome.failures.map((each) => each.reason)).toEqual(["Error: b is d", "Cannot find module", "no daemon"]);
  expect(outcomeOf(reportOf(), 1).failed).toBe(1);
  expect(outcomeOf(reportOf(), 0).failed).toBe(0);
});

test("a reason is the first line that says something, without the colours of a terminal", () => {
  expect(failureOf("lint", "\n  \u001B[31mtsc found something:\u001B[39m\na.ts").reason).toBe("tsc found something:");
  expect(failureOf("lint", "").reason).toBe("it does not say why");
});

test("the closing line is the sum, names skipped tests only when there are any, and comes after what failed", () => {
  const failures = [{ name: "lint", reason: "found something" }];
  const sum = addOutcomes(
    { passed: 2, failed: 0, skipped: 0, failures: [] },
    { passed: 3, failed: 1, skipped: 0, failures },
  );
  expect(closingLines(sum)).toBe("✗ lint: found something\n5 passed, 1 failed");
  expect(closingLines({ ...sum, failures: [], skipped: 2 })).toBe("5 passed, 1 failed, 2 skipped");
});

test("the sum of what two commands printed is red when one of them ended without a result", async () => {
  await using folder = await temporaryFolder("sum");
  const [tests, rehearsal] = [join(folder.path, "test.json"), join(folder.path, "rehearse.json")];
  const sum = () => run(process.execPath, ["scripts/checks/sum.ts", tests, rehearsal], { cwd: root, okCodes: [0, 1] });
  await writeFile(tests, JSON.stringify({ passed: 2, failed: 0, skipped: 1, failures: [] }));
  await writeFile(rehearsal, "");
  const { code, stdout } = await sum();
  expect({ code, stdout }).toEqual({
    code: 1,
    stdout: "✗ rehearse: it ended without a result; its output above says why\n2 passed, 1 failed, 1 skipped\n",
  });
  await writeFile(rehearsal, JSON.stringify({ passed: 19, failed: 0, skipped: 0, failures: [], until: "gone" }));
  expect(await sum()).toMatchObject({ code: 0, stdout: "21 passed, 0 failed, 1 skipped\n" });
});
