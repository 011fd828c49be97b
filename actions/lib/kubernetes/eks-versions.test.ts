import { describe, expect, it } from "vitest";
import { eksVersions, newestEksVersion, stepProblem, supportWarning } from "./eks-versions.ts";

describe("the list of versions", () => {
  it("has no gaps, so that each can be reached from the one before", () => {
    const minors = eksVersions.map(({ version }) => Number(version.split(".")[1]));
    expect(minors).toEqual(minors.map((_, index) => (minors[0] ?? 0) + index));
    expect(newestEksVersion).toBe(eksVersions.at(-1)?.version);
  });

  it("ends support in the order of versions", () => {
    const ends = eksVersions.map((each) => each.supportedUntil);
    expect(ends).toEqual(ends.toSorted());
  });
});

describe("supportWarning", () => {
  it.each([
    ["1.34", "2026-10-03T23:59:59Z", undefined],
    ["1.34", "2026-10-04T00:00:01Z", "ends on 2026-12-02, in 59 days; then EKS upgrades the cluster by itself"],
    ["1.34", "2026-12-02T12:00:00Z", "ends on 2026-12-02, in 0 days"],
    ["1.34", "2026-12-03T00:00:01Z", "ended on 2026-12-02"],
    ["1.35", "2026-12-03T00:00:01Z", undefined],
    ["1.99", "2030-01-01T00:00:00Z", undefined],
  ])("of %s at %s", (version, now, expected) => {
    const warning = supportWarning(version, new Date(now));
    if (expected === undefined) expect(warning).toBeUndefined();
    else expect(warning).toContain(expected);
  });

  it("names the version to go to, and says so when there is none", () => {
    const late = new Date("2028-01-01T00:00:00Z");
    expect(supportWarning("1.34", late)).toMatch(/Write version: "1\.35" into slipway\.yaml\.$/);
    expect(supportWarning("1.36", late)).toMatch(/newer Slipway/);
  });
});

describe("stepProblem", () => {
  it.each([
    ["1.35", "1.35"],
    ["1.35", "1.36"],
    ["1.9", "1.10"],
  ])("has nothing against %s to %s", (running, wanted) => {
    expect(stepProblem(running, wanted)).toBeUndefined();
  });

  it.each([
    ["1.34", "1.36", "one minor version at a time", 'Write version: "1.35"'],
    ["1.9", "1.11", "one minor version at a time", 'Write version: "1.10"'],
    ["1.36", "1.35", "never goes back", 'Write version: "1.36"'],
  ])("refuses %s to %s", (running, wanted, why, next) => {
    expect(stepProblem(running, wanted)).toEqual({
      why: expect.stringContaining(why) as string,
      next: expect.stringContaining(next) as string,
    });
  });
});
