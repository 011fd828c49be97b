import { usualRun } from "@slipway/kit/testing/workflow-issuer.ts";
import { describe, expect, test } from "vitest";
import { identityOf, replaces, reportedRun } from "./decision.ts";

const hash = Buffer.from("one");
const other = Buffer.from("other");
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
const ended = (minute: number) => ({ outcome: "succeeded" as const, finishedAt: at(minute).toISOString() });
const running = { outcome: "running" as const, finishedAt: null };

describe("a report replaces what is known", () => {
  test.each([
    ["of a run that nobody knows", undefined, running, true],
    ["of a run of which only stages are known", { outcome: "running", finishedAt: null, hash: null }, ended(1), true],
    [
      "of a run that was given up before it was told of",
      { outcome: "cancelled", finishedAt: at(9), hash: null },
      ended(1),
      true,
    ],
    ["that ends a run", { outcome: "running", finishedAt: null, hash: other }, ended(1), true],
    ["that says the same", { outcome: "succeeded", finishedAt: at(1), hash }, ended(1), false],
    ["that would make an ended run run", { outcome: "failed", finishedAt: at(1), hash: other }, running, false],
    ["that ends it later", { outcome: "failed", finishedAt: at(1), hash: other }, ended(2), true],
    ["that ends it earlier", { outcome: "failed", finishedAt: at(2), hash: other }, ended(1), false],
  ] as const)("%s", (_name, known, report, expected) => {
    expect(replaces(known, report, hash)).toBe(expected);
  });
});

describe("whose run a report is of", () => {
  const own = identityOf(usualRun);

  test("the token's own is as the token says, whatever the report says", () => {
    expect(own).toEqual({
      repository: "octo/slipway",
      run: "1000",
      attempt: 1,
      commit: usualRun.sha,
      branch: "main",
      actor: "somebody",
    });
    const lying = { ...own, actor: "another", commit: "f".repeat(40), branch: "other" };
    expect(reportedRun(lying, usualRun)).toEqual({ identity: own, own: true });
  });

  test("an earlier one, or an earlier attempt, is as the report says", () => {
    const earlier = { ...own, run: "999", actor: "another" };
    expect(reportedRun(earlier, usualRun)).toEqual({ identity: earlier, own: false });
    const attempt = { ...own, actor: "another" };
    expect(reportedRun(attempt, { ...usualRun, run_attempt: "2" })).toEqual({ identity: attempt, own: false });
  });

  test("a later one, or another repository's or branch's, is refused", () => {
    expect(() => reportedRun({ ...own, run: "1001" }, usualRun)).toThrow("later run");
    expect(() => reportedRun({ ...own, attempt: 2 }, usualRun)).toThrow("later run");
    // Compared as numbers, not as text.
    expect(() => reportedRun({ ...own, run: "10000" }, { ...usualRun, run_id: "9999" })).toThrow("later run");
    expect(() => reportedRun({ ...own, repository: "octo/other" }, usualRun)).toThrow("another repository");
    expect(() => reportedRun({ ...own, run: "999", branch: "other" }, usualRun)).toThrow("another branch");
  });
});
