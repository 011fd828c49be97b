import { expect, it } from "vitest";
import { describePrices, hoursPerMonth, pricedRegions, pricePerHour } from "./table.ts";

it("knows the regions that people of this project use", () => {
  expect(pricedRegions.toSorted()).toEqual(
    ["eu-central-1", "eu-south-2", "eu-west-1", "sa-east-1", "us-east-1", "us-east-2", "us-west-2"].toSorted(),
  );
});

// The last columns are empty where a line of the table lacks a cell.
it.each(pricedRegions)("knows in %s what every environment has, whatever machines it runs on", (region) => {
  const always = ["cluster", "nat-gateway", "public-address", "key", "logs", "objects"];
  const machines = ["t3.large", "t4g.large", "m5.large", "m7g.large"];
  for (const name of [...always, ...machines]) expect([name, pricePerHour(region, name)]).toEqual([name, positive]);
  expect(describePrices(region)).toMatch(/as of 20\d\d-[01]\d;/);
});
const positive: unknown = expect.toSatisfy((price: unknown) => typeof price === "number" && price > 0 && price < 1);

it("says what is not known, and spreads a month over its hours", () => {
  expect(pricePerHour("eu-south-2", "gp3")).toBeUndefined();
  expect(pricePerHour("ap-south-2", "cluster")).toBeUndefined();
  expect(describePrices("ap-south-2")).toMatch(/^No prices of ap-south-2 are known here, only of us-east-1, /);
  expect(pricePerHour("sa-east-1", "gp3")).toBeCloseTo(0.152 / hoursPerMonth, 12);
});

it("has larger machines of a family at multiples of the smaller ones", () => {
  const pairs = [
    ["t3.large", "t3.xlarge"],
    ["t3a.medium", "t3a.large"],
    ["t4g.medium", "t4g.large"],
    ["t4g.xlarge", "t4g.2xlarge"],
    ["m5.large", "m5.xlarge"],
    ["m6i.large", "m6i.xlarge"],
    ["m7i.large", "m7i.xlarge"],
    ["m7g.large", "m7g.xlarge"],
  ] as const;
  for (const region of pricedRegions)
    for (const [small, large] of pairs) {
      const double = 2 * (pricePerHour(region, small) ?? 0);
      expect([region, large, pricePerHour(region, large) ?? 0]).toEqual([region, large, expect.closeTo(double, 3)]);
    }
});
