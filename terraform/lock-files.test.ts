import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const folders = globSync("**/versions.tf", { cwd: import.meta.dirname, exclude: ["**/.terraform/**"] })
  .map(dirname)
  .sort();

/**
 * The checksums that HashiCorp signs for the provider's archives, one a platform. With them `terraform init` takes the
 * provider on any machine; with the hash of one platform's folder alone it refuses every other platform's.
 * https://developer.hashicorp.com/terraform/language/files/dependency-lock#new-provider-package-checksums
 */
const archives = [
  "054b8dd49f0549c9a7cc27d159e45327b7b65cf404da5e5a20da154b90b8a644",
  "0b97bf8d5e03d15d83cc40b0530a1f84b459354939ba6f135a0086c20ebbe6b2",
  "1589a2266af699cbd5d80737a0fe02e54ec9cf2ca54e7e00ac51c7359056f274",
  "6330766f1d85f01ae6ea90d1b214b8b74cc8c1badc4696b165b36ddd4cc15f7b",
  "7c8c2e30d8e55291b86fcb64bdf6c25489d538688545eb48fd74ad622e5d3862",
  "99b1003bd9bd32ee323544da897148f46a527f622dc3971af63ea3e251596342",
  "9b12af85486a96aedd8d7984b0ff811a4b42e3d88dad1a3fb4c0b580d04fa425",
  "9f8b909d3ec50ade83c8062290378b1ec553edef6a447c56dadc01a99f4eaa93",
  "aaef921ff9aabaf8b1869a86d692ebd24fbd4e12c21205034bb679b9caf883a2",
  "ac882313207aba00dd5a76dbd572a0ddc818bb9cbf5c9d61b28fe30efaec951e",
  "bb64e8aff37becab373a1a0cc1080990785304141af42ed6aa3dd4913b000421",
  "dfe495f6621df5540d9c92ad40b8067376350b005c637ea6efac5dc15028add4",
  "f0ddf0eaf052766cfe09dea8200a946519f653c384ab4336e2a4a64fdd6310e9",
  "f1b7e684f4c7ae1eed272b6de7d2049bb87a0275cb04dbb7cda6636f600699c9",
  "ff461571e3f233699bf690db319dfe46aec75e58726636a0d97dd9ac6e32fb70",
];

test("the roots and the modules are found", () => {
  expect(folders).toEqual(expect.arrayContaining(["bootstrap", "environment", "modules/cluster", "registry"]));
});

test.each(folders)("the lock file of %s lets the provider in on every platform, and nothing else", (folder) => {
  const text = readFileSync(join(import.meta.dirname, folder, ".terraform.lock.hcl"), "utf8");
  expect(text.match(/^provider .*/gm)).toEqual(['provider "registry.terraform.io/hashicorp/aws" {']);
  expect(text).toContain('version     = "5.100.0"');
  const hashes = [...text.matchAll(/"(h1|zh):([^"]+)"/g)].map(([, scheme, hash]) => ({ scheme, hash }));
  expect(hashes.filter(({ scheme }) => scheme === "zh").map(({ hash }) => hash)).toEqual(archives);
  // Of the folder that a mirror on Linux holds: there is no archive there to compare.
  expect(hashes.filter(({ scheme }) => scheme === "h1").map(({ hash }) => hash)).toContain(
    "edXOJWE4ORX8Fm+dpVpICzMZJat4AX0VRCAy/xkcOc0=",
  );
});
