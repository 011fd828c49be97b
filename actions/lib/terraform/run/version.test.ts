import { expect, test } from "vitest";
import { pinnedChecksums, serves, terraformVersion } from "./version.ts";

test.each(["1.11.0", "1.11.4", "1.14.0", "1.100.0"])("%s serves", (version) => {
  expect(serves(version)).toBe(true);
});

test.each(["1.10.9", "0.15.5", "2.0.0", "2.1.0", "1.11", "1.12.0-beta1", "", "v1.12.0"])("%j does not", (version) => {
  expect(serves(version)).toBe(false);
});

test("the pinned version serves, and has a checksum for each platform of GitHub's runners", () => {
  expect(serves(terraformVersion.pinned)).toBe(true);
  for (const platform of ["linux_amd64", "linux_arm64", "darwin_arm64"])
    expect(pinnedChecksums[platform]).toMatch(/^[0-9a-f]{64}$/);
});
