import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../actions/lib/config/config.ts";
import { leasesOf } from "../../actions/lib/lifecycle/lease.ts";
import { changeLease, checkUntil, describeLeases, withLease } from "./lease.ts";

const own = await readFile(join(import.meta.dirname, "../../slipway.yaml"), "utf8");

/** The lines that a change takes out and puts in. */
function difference(before: string, after: string): { out: string[]; in: string[] } {
  const [old, now] = [before.split("\n"), after.split("\n")];
  return { out: old.filter((line) => !now.includes(line)), in: now.filter((line) => !old.includes(line)) };
}

describe("setting a lease", () => {
  it("adds one line to slipway.yaml, and prolonging it changes that line alone", () => {
    const set = changeLease(own, "dev", { until: "2026-12-01" });
    expect(difference(own, set)).toEqual({ out: [], in: ['    lease: { until: "2026-12-01" }'] });
    expect(parseConfig(set).environments.dev?.lease).toEqual({ until: "2026-12-01", volumes: "snapshot" });
    const longer = changeLease(set, "dev", { until: "2027-01-01T12:00:00Z" });
    expect(difference(set, longer).in).toEqual(['    lease: { until: "2027-01-01T12:00:00Z" }']);
    expect(withLease(longer, "dev", undefined)).toBe(own);
  });

  it.each([
    [
      "in the middle of a file, before another environment and its comment",
      "environments:\n  dev:\n    a: 1 # one\n    # two\n\n  # of prod\n  prod:\n    a: 2\n",
      "environments:\n  dev:\n    a: 1 # one\n    # two\n    lease: { until: X }\n\n  # of prod\n  prod:\n    a: 2\n",
    ],
    [
      "at the end of a file without a last line's end",
      "environments:\n  dev:\n    a: [1,  2]",
      "environments:\n  dev:\n    a: [1,  2]\n    lease: { until: X }\n",
    ],
    [
      "behind a block",
      "environments:\n  dev:\n      a:\n        - 1\n\nlast: 1\n",
      "environments:\n  dev:\n      a:\n        - 1\n      lease: { until: X }\n\nlast: 1\n",
    ],
    [
      "with a note and a policy, which stay",
      "environments:\n  dev:\n    lease: # agreed\n      volumes: keep\n      until: 2026-01-01 # the exam\n    a: 1\n",
      "environments:\n  dev:\n    lease: # agreed\n      volumes: keep\n      until: X # the exam\n    a: 1\n",
    ],
  ])("%s", (_case, before, after) => {
    const until = "2026-12-01";
    expect(withLease(before, "dev", { until })).toBe(after.replace("X", JSON.stringify(until)));
  });

  it("says what becomes of volumes, and changes that", () => {
    const kept = withLease(own, "dev", { until: "2026-12-01", volumes: "keep" });
    expect(kept).toContain('lease: { until: "2026-12-01", volumes: keep }');
    const deleted = withLease(kept, "dev", { until: "2026-12-02", volumes: "delete" });
    expect(deleted).toContain('lease: { until: "2026-12-02", volumes: delete }');
    const plain = withLease(own, "dev", { until: "2026-12-01" });
    expect(withLease(plain, "dev", { until: "2026-12-01", volumes: "keep" })).toBe(kept);
  });

  it("works where an environment is written in braces, too", () => {
    const text = "environments: { dev: { a: 1 } } # mine\n";
    const set = withLease(text, "dev", { until: "2026-12-01" });
    expect(set).toBe('environments: { dev: { a: 1, lease: { until: "2026-12-01" } } } # mine\n');
  });
});

describe("removing a lease", () => {
  it.each([
    ["a: 1\n    lease: { until: 2026-12-01 } # till then\n    b: 2", "a: 1\n    b: 2"],
    [
      "a: 1\n    lease:\n      until: 2026-12-01\n      volumes: keep\n    # of b\n    b: 2",
      "a: 1\n    # of b\n    b: 2",
    ],
    ["lease: { until: 2026-12-01 }\n    a: 1", "a: 1"],
  ])("from %j", (before, after) => {
    const whole = (inner: string) => `environments:\n  dev:\n    ${inner}\n  prod:\n    lease: { until: 2027-01-01 }\n`;
    expect(withLease(whole(before), "dev", undefined)).toBe(whole(after));
  });
});

describe("an end", () => {
  const now = new Date("2026-03-01T12:00:00Z");

  it.each(["2026-03-01", "2026-03-01T12:00:01Z", "2027-03-01"])("may be %s", (until) => {
    expect(() => checkUntil(until, now)).not.toThrow();
  });

  it.each([
    ["2026-02-28", /--until is 2026-02-28, which is past/],
    ["2026-03-01T12:00:00Z", /which is past/],
    ["2027-03-02", /more than a year ahead/],
    ["2026-02-30", /"2026-02-30", which is not a date/],
    ["in a week", /"in a week", which is not a date/],
  ])("may not be %s", (until, complaint) => {
    expect(() => checkUntil(until, now)).toThrow(complaint);
  });
});

it("shows leases as a table, with those that have none", () => {
  const config = parseConfig(withLease(own, "dev", { until: "2026-12-01" }));
  const leases = leasesOf(config, new Date("2026-11-28T00:00:00Z"));
  expect(describeLeases(["dev", "prod"], leases)).toBe(
    `Environment  Lease until            Volumes   Remains
dev          2026-12-01, 24:00 UTC  snapshot  4 days
prod         no end`,
  );
});
