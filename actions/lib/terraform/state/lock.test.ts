import { expect, test } from "vitest";
import { describeLock, parseLock, runAddress } from "./lock.ts";

/** As Terraform 1.11.4 wrote it. */
const written =
  '{"ID":"ddbca819-0251-d0dc-b48f-d86aae484a03","Operation":"OperationTypeApply","Info":"","Who":"runner@host","Version":"1.11.4","Created":"2026-11-22T03:58:32.924289266Z","Path":"bucket1/x/terraform.tfstate"}';

test("a lock says who holds it, since when, what for, and its id", () => {
  const lock = parseLock(written, "key.tflock");
  expect(describeLock(lock, new Date("2026-11-22T04:10:32Z"))).toBe(
    'runner@host since 2026-11-22T03:58:32Z (12 min ago) for "apply", lock id ddbca819-0251-d0dc-b48f-d86aae484a03',
  );
  expect(describeLock(lock, new Date("2026-11-23T03:58:32Z"))).toContain("(24 h ago)");
  expect(describeLock({ ...lock, Created: "then", Operation: "" })).toContain('since then for "unknown operation"');
});

test.each(["", "text", "null", "{}", '{"ID":1}'])("%j is not a lock of Terraform's", (text) => {
  expect(() => parseLock(text, "key.tflock")).toThrow(
    "key.tflock is not a lock that Terraform writes; it was left alone.",
  );
});

test("a run's address leads to its attempt; outside of GitHub Actions there is none", () => {
  const run = { GITHUB_REPOSITORY: "owner/demo", GITHUB_RUN_ID: "7", GITHUB_RUN_ATTEMPT: "3" };
  expect(runAddress(run)).toBe("https://github.com/owner/demo/actions/runs/7/attempts/3");
  expect(runAddress({})).toBeUndefined();
});
