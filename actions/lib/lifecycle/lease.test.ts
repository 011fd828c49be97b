import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../config/config.ts";
import { describeEnd, describeRemains, leaseEnd, leaseRuns, leasesOf, refuseEnded } from "./lease.ts";

const text = await readFile(join(import.meta.dirname, "../../../slipway.yaml"), "utf8");
const withLease = (lease: string) => parseConfig(`${text.trimEnd()}\n    lease: ${lease}\n`);

describe("in slipway.yaml", () => {
  it("keeps volumes as snapshots unless it says otherwise", () => {
    expect(withLease("{ until: 2026-12-01 }").environments.dev?.lease).toEqual({
      until: "2026-12-01",
      volumes: "snapshot",
    });
    expect(withLease('{ until: "2026-12-01T18:00:00Z", volumes: keep }').environments.dev?.lease?.volumes).toBe("keep");
  });

  it.each([
    ["{ until: 2026-02-29 }", /environments\.dev\.lease\.until: use a date such as "2026-12-01", or a time in UTC/],
    ["{ until: tomorrow }", /lease\.until: use a date/],
    ["{ until: 2026-12-01T18:00:00 }", /lease\.until: use a date/],
    ["{ until: 2026-12-01T18:00:00+01:00 }", /lease\.until: use a date/],
    ["{ volumes: keep }", /lease\.until: use a date/],
    ["{ until: 2026-12-01, volumes: archive }", /lease\.volumes: .*"delete"\|"snapshot"\|"keep"/],
    ["{ till: 2026-12-01, until: 2026-12-01 }", /lease\.till: is not a key/],
  ])("refuses %s in one line", (lease, complaint) => {
    expect(() => withLease(lease)).toThrow(complaint);
    expect(() => withLease(lease)).not.toThrow(/\n/);
  });
});

describe("ends", () => {
  it.each([
    ["2026-12-01", "2026-12-02T00:00:00.000Z"],
    ["2026-12-31", "2027-01-01T00:00:00.000Z"],
    ["2028-02-28", "2028-02-29T00:00:00.000Z"],
    ["2028-02-29", "2028-03-01T00:00:00.000Z"],
    ["2027-02-28", "2027-03-01T00:00:00.000Z"],
    // The day on which clocks change has 24 hours in UTC, wherever this runs.
    ["2026-03-29", "2026-03-30T00:00:00.000Z"],
    ["2026-12-01T18:30:00Z", "2026-12-01T18:30:00.000Z"],
  ])("%s at %s", (until, end) => {
    expect(leaseEnd(until).toISOString()).toBe(end);
  });

  it("is told as a person says it", () => {
    expect(describeEnd("2026-12-01")).toBe("2026-12-01, 24:00 UTC");
    expect(describeEnd("2026-12-01T18:30:00Z")).toBe("2026-12-01, 18:30 UTC");
  });
});

describe("state", () => {
  const lease = withLease("{ until: 2026-12-01 }");
  const at = (now: string, warnDays?: number) => leasesOf(lease, new Date(now), warnDays)[0]?.state;

  it.each([
    ["2026-11-29T23:59:59.999Z", "running"],
    ["2026-11-30T00:00:00.000Z", "ending"],
    ["2026-12-01T23:59:59.999Z", "ending"],
    ["2026-12-02T00:00:00.000Z", "ended"],
    ["2027-12-01T00:00:00.000Z", "ended"],
  ])("at %s: %s", (now, state) => {
    expect(at(now)).toBe(state);
  });

  it("warns as early as asked, or not at all", () => {
    expect(at("2026-11-20T00:00:00.000Z", 14)).toBe("ending");
    expect(at("2026-12-01T23:59:00.000Z", 0)).toBe("running");
  });

  it("tells those first that end first, and leaves out what has no lease", () => {
    const { dev } = lease.environments;
    if (!dev) throw new Error("There is no dev.");
    const { lease: _none, ...free } = dev;
    const environments = { dev, free, demo: { ...dev, lease: { until: "2026-11-01", volumes: "delete" as const } } };
    const found = leasesOf({ environments }, new Date("2026-11-15T00:00:00Z"));
    expect(found.map(({ environment, state, volumes }) => [environment, state, volumes])).toEqual([
      ["demo", "ended", "delete"],
      ["dev", "running", "snapshot"],
    ]);
  });
});

it("keeps an environment from going by itself unless its lease has ended", () => {
  const lease = withLease("{ until: 2026-12-01 }");
  const { dev } = parseConfig(text).environments;
  if (!dev) throw new Error("There is no dev.");
  const at = new Date("2026-12-01T23:59:59Z");
  expect(leaseRuns(lease, "dev", at)).toBe("The lease of dev ends on 2026-12-01, 24:00 UTC.");
  expect(leaseRuns({ environments: { dev } }, "dev", at)).toBe("The environment dev has no lease any more.");
  expect(leaseRuns(lease, "dev", new Date("2026-12-02T00:00:00Z"))).toBeUndefined();
});

it("lets nothing be delivered to an environment whose lease has ended", () => {
  const lease = withLease("{ until: 2026-12-01 }");
  expect(() => refuseEnded(lease, "dev", new Date("2026-12-01T23:59:59Z"))).not.toThrow();
  expect(() => refuseEnded(parseConfig(text), "dev", new Date("2026-12-02T00:00:00Z"))).not.toThrow();
  expect(() => refuseEnded(lease, "dev", new Date("2026-12-02T00:00:00Z"))).toThrow(
    'The lease of dev ended on 2026-12-01, 24:00 UTC, so the workflow "lease" takes it away.',
  );
});

it.each([
  [59_000, "0 min"],
  [40 * 60_000, "40 min"],
  [47.9 * 3_600_000, "47 h"],
  [48 * 3_600_000, "2 days"],
  [0, "ended 0 min ago"],
  [-5 * 3_600_000, "ended 5 h ago"],
])("tells what remains of %i ms: %s", (remains, told) => {
  expect(describeRemains(remains)).toBe(told);
});
