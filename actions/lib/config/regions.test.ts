import { expect, test } from "vitest";
import { problemOfRegion } from "./regions.ts";

test.each(["us-east-1", "eu-central-2", "ap-southeast-4", "il-central-1", "mx-central-1", "ca-west-1", "sa-east-1"])(
  "%s is a region of the usual partition",
  (region) => {
    expect(problemOfRegion(region)).toBeUndefined();
  },
);

test.each([
  ["cn-north-1", "China"],
  ["cn-northwest-1", "China"],
  ["us-gov-west-1", "GovCloud"],
  ["us-gov-east-1", "GovCloud"],
  ["us-iso-east-1", "isolated"],
  ["us-isob-east-1", "isolated"],
  ["us-isof-south-1", "isolated"],
  ["eu-isoe-west-1", "isolated"],
  ["eusc-de-east-1", "Sovereign"],
])("%s is refused by the partition that it is in", (region, partition) => {
  const problem = problemOfRegion(region);
  expect(problem).toContain(`${region} is in `);
  expect(problem).toContain(partition);
  expect(problem).toMatch(/; use a region of the partition aws, such as us-east-1$/);
});

test.each(["virginia", "us-east", "US-EAST-1", "us-east-1a", "us_east_1", ""])("%j is not a region", (region) => {
  expect(problemOfRegion(region)).toBe("use an AWS region, such as us-east-1");
});
