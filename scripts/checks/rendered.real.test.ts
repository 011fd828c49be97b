import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@slipway/kit/testing/process.ts";
import { expect, test } from "vitest";
import { ensureLinters } from "../rehearsal/tools/python.ts";
import { checkFolder } from "./rendered.ts";

test("a finding stops the lint until its object says why, for that check alone", async () => {
  await using folder = await temporaryFolder("rendered");
  const { checkov } = await ensureLinters();
  const check = async (annotations: string) => {
    const text = `
apiVersion: v1
kind: ServiceAccount
metadata: { name: demo, namespace: demo }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: demo, annotations: { ${annotations} } }
rules: [{ apiGroups: [""], resources: [pods], verbs: ["*"] }]
`;
    await writeFile(join(folder.path, "demo.yaml"), text);
    await checkFolder(checkov, folder.path);
  };
  await expect(check("")).rejects.toThrow(/CKV_K8S_49/);
  await expect(check("checkov.io/skip1: CKV_K8S_35=Another check.")).rejects.toThrow(/CKV_K8S_49/);
  await check("checkov.io/skip1: CKV_K8S_49=Only for this test.");
});
