import { expect, test } from "vitest";
import { accessEntries } from "./kubernetes.ts";

test("a cluster lets in the role that makes it and the role that proves releases, and not the one that plans", async () => {
  expect(await accessEntries()).toEqual([
    { role: "<project>-apply-<environment>", policy: "AmazonEKSClusterAdminPolicy", groups: [] },
    { role: "<project>-deploy", groups: ["slipway:verify"] },
  ]);
});
