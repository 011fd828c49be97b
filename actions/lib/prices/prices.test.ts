import { expect, it } from "vitest";
import { costOf, costToDate, hoursPerMonth } from "./prices.ts";

it("adds up what is there, kind by kind", () => {
  const cost = costOf(
    [
      { kind: "cluster", quantity: 1 },
      { kind: "instance", type: "t3.large", quantity: 1 },
      { kind: "instance", type: "t3.large", quantity: 1 },
      { kind: "nat-gateway", quantity: 1 },
      { kind: "volume", type: "gp3", quantity: hoursPerMonth },
      { kind: "network-load-balancer", quantity: 0 },
    ],
    "us-east-1",
  );
  expect(cost.lines.map(({ what, quantity }) => [what, quantity])).toEqual([
    ["EKS cluster", 1],
    ["t3.large instance", 2],
    ["NAT gateway", 1],
    ["gp3 volume, GB", 730],
  ]);
  expect(cost.perHour).toBeCloseTo(0.1 + 2 * 0.0832 + 0.045 + 0.08, 10);
  expect(cost.unknown).toEqual([]);
});

it("guesses neither an instance type nor another region", () => {
  const billables = [
    { kind: "cluster", quantity: 1 },
    { kind: "instance", type: "x9.mega", quantity: 3 },
  ] as const;
  expect(costOf(billables, "us-east-1")).toMatchObject({ perHour: 0.1, unknown: ["x9.mega instance"] });
  expect(costOf(billables, "ap-south-2")).toMatchObject({ perHour: 0, unknown: ["EKS cluster", "x9.mega instance"] });
});

it("counts a spot machine at most, apart from those on demand", () => {
  const cost = costOf(
    [
      { kind: "instance", type: "t4g.large", spot: true, quantity: 2 },
      { kind: "instance", type: "t4g.large", spot: false, quantity: 1 },
    ],
    "eu-central-1",
  );
  expect(cost.lines).toEqual([
    { what: "t4g.large instance, spot, at most", quantity: 2, perHour: 2 * 0.0768 },
    { what: "t4g.large instance", quantity: 1, perHour: 0.0768 },
  ]);
});

it("knows what disks of every kind cost, and of no other", () => {
  const volumes = (type: string) => costOf([{ kind: "volume", type, quantity: hoursPerMonth }], "us-east-1");
  expect(volumes("gp2").perHour).toBeCloseTo(0.1, 10);
  expect(volumes("standard").perHour).toBeCloseTo(0.05, 10);
  expect(volumes("gp9").unknown).toEqual(["gp9 volume, GB"]);
});

it("estimates what has been spent since the oldest thing was made", () => {
  const cost = costOf([{ kind: "cluster", quantity: 1 }], "us-east-1");
  const now = new Date("2026-01-03T00:00:00Z");
  const since = "2026-01-01T00:00:00.000Z";
  const spent = costToDate(cost, ["2026-01-02T00:00:00.000Z", since], now);
  expect(spent).toEqual({ since, hours: 48, usd: expect.closeTo(4.8) });
  expect(costToDate(cost, [], now)).toBeUndefined();
  // Another clock than AWS's gives no negative sum.
  expect(costToDate(cost, ["2026-01-03T00:00:05.000Z"], now)).toMatchObject({ hours: 0, usd: 0 });
});
