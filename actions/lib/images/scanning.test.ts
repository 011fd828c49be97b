import type { RegistryScanningRule } from "@aws-sdk/client-ecr";
import { expect, test } from "vitest";
import { rulesWithoutScan, rulesWithScan } from "./scanning.ts";

const onPush = (...filters: string[]): RegistryScanningRule => ({
  scanFrequency: "SCAN_ON_PUSH",
  repositoryFilters: filters.map((filter) => ({ filter, filterType: "WILDCARD" })),
});
const byHand: RegistryScanningRule = {
  scanFrequency: "MANUAL",
  repositoryFilters: [{ filter: "old/*", filterType: "WILDCARD" }],
};

test.each([
  ["where nobody has made any rule", undefined, [onPush("demo/*")]],
  ["where there is an empty list", { scanType: "BASIC", rules: [] }, [onPush("demo/*")]],
  ["next to another project's", { scanType: "BASIC", rules: [onPush("other/*")] }, [onPush("other/*", "demo/*")]],
  ["next to rules of other kinds", { scanType: "BASIC", rules: [byHand] }, [byHand, onPush("demo/*")]],
  [
    "next to all of these",
    { scanType: "BASIC", rules: [onPush("shopping/*", "other/*"), byHand] },
    [byHand, onPush("shopping/*", "other/*", "demo/*")],
  ],
] as const)("a project's images are scanned %s", (_where, found, expected) => {
  const made = rulesWithScan(found && { ...found, rules: "rules" in found ? [...found.rules] : [] }, "demo");
  expect(made).toEqual(expected);
  // Of each kind, ECR takes one rule.
  expect(made?.length).toBeLessThanOrEqual(2);
});

test.each(["*", "demo/*", "demo*"])("nothing is changed where %s is scanned already", (filter) => {
  expect(rulesWithScan({ scanType: "BASIC", rules: [onPush("other/*", filter)] }, "demo")).toBeUndefined();
});

test("a second project takes nothing from the first, and asking again changes nothing", () => {
  const first = rulesWithScan(undefined, "demo");
  const second = rulesWithScan({ scanType: "BASIC", ...(first && { rules: first }) }, "blog");
  expect(second).toEqual([onPush("demo/*", "blog/*")]);
  for (const project of ["demo", "blog"])
    expect(rulesWithScan({ scanType: "BASIC", ...(second && { rules: second }) }, project)).toBeUndefined();
});

test("Amazon Inspector's rules are the account's", () => {
  const rules: RegistryScanningRule[] = [{ ...onPush("*"), scanFrequency: "CONTINUOUS_SCAN" }];
  expect(rulesWithScan({ scanType: "ENHANCED", rules }, "demo")).toBeUndefined();
  expect(rulesWithScan({ scanType: "ENHANCED", rules: [] }, "demo")).toBeUndefined();
});

test.each([
  ["the only one", [onPush("demo/*")], []],
  ["next to another project's", [byHand, onPush("other/*", "demo/*")], [byHand, onPush("other/*")]],
  ["and of no other's", [onPush("other/*", "*", "demo*")], undefined],
  ["where nobody has made any rule", undefined, undefined],
] as const)("a project's own rule is taken away: %s", (_where, found, expected) => {
  expect(rulesWithoutScan(found && { scanType: "BASIC", rules: [...found] }, "demo")).toEqual(expected);
});
