import { expect, it } from "vitest";
import { costOf, costToDate } from "../../actions/lib/prices/prices.ts";
import { describeStatus, type EnvironmentStatus } from "./status.ts";

const status: EnvironmentStatus = {
  environment: "dev",
  project: "demo",
  account: "000000000000",
  region: "us-east-1",
  rehearsal: true,
  at: "2026-01-01T00:00:00.000Z",
  stages: [
    { name: "account", description: "", state: "absent" },
    {
      name: "network",
      description: "",
      state: "present",
      parts: [
        { name: "vpc-1", facts: { is: "VPC", cidr: "10.0.0.0/16" } },
        { name: "nat-1", facts: { is: "NAT gateway", state: "available" } },
      ],
    },
    { name: "apps", description: "", state: "broken", parts: [], why: "its last sync failed: \x1b[2J" },
  ],
  cost: costOf(
    [
      { kind: "nat-gateway", quantity: 1 },
      { kind: "instance", type: "x9.mega", quantity: 2 },
    ],
    "us-east-1",
  ),
};

it("shows an environment as a table, with what stands in its way and what it costs", () => {
  expect(describeStatus(status)).toBe(
    String.raw`dev of the rehearsal that is up: demo, AWS account 000000000000, us-east-1

Stage    State    What
account  absent
network  present  vpc-1  VPC, cidr 10.0.0.0/16
                  nat-1  NAT gateway, state available
apps     broken

apps is broken: its last sync failed: \x1b[2J

Costs             Count  USD/hour
NAT gateway       1      0.0450
x9.mega instance  2      ?
together                 0.0450    about 33 a month
Prices on demand in us-east-1 as of 2026-01; traffic, requests and incoming logs come on top.
Not in the sum, since no price of it is known here: x9.mega instance.`,
  );
});

it("says since when it is there, about what that has cost, and when it ends", () => {
  const since = "2025-12-29T22:00:00.000Z";
  const now = new Date(status.at);
  const lease = { environment: "dev", until: "2026-01-02", volumes: "snapshot" as const, state: "ending" as const };
  const whole: EnvironmentStatus = {
    ...status,
    costToDate: costToDate(status.cost, ["2025-12-30T00:00:00.000Z", since], now),
    lease: { ...lease, ends: "2026-01-03T00:00:00.000Z", remains: 48 * 60 * 60 * 1000 },
  };
  expect(describeStatus(whole)).toMatch(
    /\n\nThere since 2025-12-29 22:00 UTC, 2 days; about 2\.25 USD so far: an estimate, .*\.\nLease until 2026-01-02, 24:00 UTC: 2 days\.$/,
  );
  // Where no price is known, no sum is made up.
  const region = "ap-south-2";
  const cost = costOf([{ kind: "nat-gateway", quantity: 1 }], region);
  const elsewhere = { ...whole, region, cost, lease: undefined };
  expect(describeStatus(elsewhere)).toMatch(/\n\nThere since 2025-12-29 22:00 UTC, 2 days\.$/);
});
