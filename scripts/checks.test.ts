import { expect, test } from "vitest";
import { countsOf } from "./checks.ts";
import { addCounts, closingLine } from "./outcome.ts";

const report = { numPassedTests: 3, numFailedTests: 1, numPendingTests: 0, testResults: [] };

test("a file that cannot be loaded counts as a failure, as does a failure that no test shows", () => {
  expect(countsOf(report, 1)).toEqual({ passed: 3, failed: 1, skipped: 0 });
  const broken = { status: "failed", assertionResults: [] };
  expect(countsOf({ ...report, testResults: [broken] }, 1).failed).toBe(2);
  expect(countsOf({ ...report, numFailedTests: 0 }, 1).failed).toBe(1);
  expect(countsOf({ ...report, numFailedTests: 0 }, 0).failed).toBe(0);
});

test("the closing line is the sum, and names skipped tests only when there are any", () => {
  const sum = addCounts({ passed: 2, failed: 0, skipped: 0 }, { passed: 3, failed: 1, skipped: 0 });
  expect(closingLine(sum)).toBe("5 passed, 1 failed");
  expect(closingLine({ ...sum, skipped: 2 })).toBe("5 passed, 1 failed, 2 skipped");
});
