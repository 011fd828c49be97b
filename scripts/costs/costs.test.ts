import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { temporaryFolder } from "@slipway/kit/testing/process.ts";
import { expect, it } from "vitest";
import { parseConfig } from "../../actions/lib/config/config.ts";
import { hoursPerMonth } from "../../actions/lib/prices/prices.ts";
import { billablesOf, demandsIn, demandsOf, nodeDisk, zones } from "../../actions/lib/prices/environment.ts";
import { receiptOf } from "../../actions/lib/receipt/receipt.ts";
import type { Resource } from "../../actions/lib/resources/resource.ts";
import type { Scope } from "../../actions/lib/resources/scope.ts";
import { describeStatus } from "../environment/status.ts";
import { renderAnywhere } from "../rehearsal/tools/kustomize.ts";
import { unwatchedBudgets } from "./budget.ts";
import { costsParagraph, partsTable, plainCost, plainEnvironment, regionsTable } from "./documents.ts";

const root = join(import.meta.dirname, "../..");
const readme = (folder: string) => readFile(join(root, folder, "README.md"), "utf8");
const demands = await demandsIn(root, renderAnywhere);
/** Settings of environments with these lines each. */
const settings = (environments: Record<string, string>) =>
  parseConfig(`
project: demo
aws: { account: "000000000000", region: us-east-1 }
git: { repository: owner/demo }
deliver: ${Object.keys(environments)[0] ?? ""}
environments:
${Object.entries(environments)
  .map(([name, lines]) => `  ${name}: { cluster: { publicAccessCidrs: [192.0.2.0/24] }, ${lines} }`)
  .join("\n")}
`);
const region = "us-east-1";

it("has README, status, receipt and the budget agree on what the default environment costs", async () => {
  if (!plainEnvironment) throw new Error("no environment");
  const cost = plainCost(region, demands);
  const monthly = cost.perHour * hoursPerMonth;
  expect(cost.unknown).toEqual([]);
  expect(cost.lines.map(({ what }) => what)).toContain("public IPv4 address");

  expect(await costsParagraph()).toContain(
    `about ${cost.perHour.toFixed(2)} USD an hour in us-east-1, ${monthly.toFixed(0)} a`,
  );
  const terraform = await readme("terraform");
  expect(terraform, 'run "./slipway generate"').toContain(await costsParagraph());
  expect(terraform, 'run "./slipway generate"').toContain(await partsTable());
  expect(terraform, 'run "./slipway generate"').toContain(await regionsTable());

  const at = "2026-11-24T10:00:00Z";
  const whose = { environment: "dev", project: "demo", account: "000000000000", region };
  const status = describeStatus({ ...whose, rehearsal: false, at, stages: [], cost });
  expect(status).toContain(`${cost.perHour.toFixed(4)}    about ${monthly.toFixed(0)} a month`);

  const scope: Scope = {
    ...whose,
    clusterName: "demo-dev",
    bucket: "demo-state",
    vpcs: [],
    credentials: () => Promise.reject(new Error("nobody is asked")),
  };
  const resources = billablesOf(plainEnvironment, demands).map((billable, index): Resource => ({
    kind: "vpc",
    id: `${index}`,
    name: `${index}`,
    owner: "environment",
    by: "tag",
    facts: {},
    billables: [billable],
  }));
  const looked = { looks: 1, seconds: 1, at: new Date(at) };
  const receipt = receiptOf(scope, { resources, unknown: [], vpcs: [] }, { names: [] }, {}, looked);
  expect(receipt.monthlyUsd).toBeCloseTo(monthly, 6);
});

it.each(["us-east-1", "us-east-2", "us-west-2", "eu-west-1", "eu-central-1", "eu-south-2"])(
  "has a default budget that does not warn of a month of the default environment in %s",
  (one) => {
    const { monthlyUsd = 0 } = plainEnvironment?.budget ?? {};
    const { perHour, unknown } = plainCost(one, demands);
    // Two load balancers and the disks, where their price is not known, at more than any known region's.
    const most = unknown.length > 0 ? 2 * 0.04 + 100 * (0.2 / hoursPerMonth) : 0;
    expect((perHour + most) * hoursPerMonth).toBeLessThan(0.8 * monthlyUsd);
  },
);

it("counts by what Terraform makes", async () => {
  const tf = (path: string) => readFile(join(root, "terraform/modules", path), "utf8");
  const disk = /variable "disk_gib" \{[^}]*default\s*=\s*(\d+)/.exec(await tf("nodes/variables.tf"))?.[1];
  expect(Number(disk)).toBe(nodeDisk);
  expect(/zones = slice\(.*, 0, (\d+)\)/.exec(await tf("network/main.tf"))?.[1]).toBe(`${zones}`);
  const keys = await Promise.all(["modules/cluster", "registry"].map((path) => tf(`../${path}/main.tf`)));
  expect(keys.join("").match(/^resource "aws_kms_key"/gm)).toHaveLength(2);
});

it("counts an address in each zone for a load balancer, and one for each NAT gateway", () => {
  const { dev } = settings({ dev: "network: { nat: per-zone }" }).environments;
  if (!dev) throw new Error("no environment");
  const spot = { types: ["t3.large"], min: 0, desired: 2, max: 2 };
  const nodes = { ...dev.cluster.nodes, types: ["m5.large"], min: 1, desired: 3, max: 3, spot };
  const environment = { ...dev, cluster: { ...dev.cluster, nodes } };
  const billables = billablesOf(environment, { loadBalancers: 3, gigabytes: 10 });
  expect(billables).toContainEqual({ kind: "public-address", quantity: 2 + 3 * 2 });
  expect(billables).toContainEqual({ kind: "nat-gateway", quantity: 2 });
  expect(billables).toContainEqual({ kind: "instance", type: "m5.large", quantity: 3 });
  expect(billables).toContainEqual({ kind: "instance", type: "t3.large", spot: true, quantity: 2 });
  expect(billables).toContainEqual({ kind: "volume", type: "gp3", quantity: 5 * 40 + 10 });
});

it("reads what apps ask for from their manifests", () => {
  const claim = (storage: string) => ({ spec: { resources: { requests: { storage } } } });
  const manifests = [
    null,
    { kind: "Service", spec: { type: "LoadBalancer" } },
    { kind: "Service", spec: {} },
    { kind: "StatefulSet", spec: { replicas: 2, volumeClaimTemplates: [claim("5Gi"), claim("1Gi")] } },
    { kind: "PersistentVolumeClaim", ...claim("1Ti") },
    { kind: "PersistentVolumeClaim", ...claim("500M") },
    { kind: "PersistentVolumeClaim", ...claim("a lot") },
    { kind: "PersistentVolumeClaim" },
    { kind: "ResourceQuota", spec: { hard: { "requests.storage": "9Gi" } } },
  ];
  expect(demandsOf(manifests)).toEqual({ loadBalancers: 1, gigabytes: 2 * 6 + 1024 + 1 });
});

it("counts what an app takes from the kit, as the app changes it", async () => {
  await using folder = await temporaryFolder("costs");
  const write = async (path: string, objects: readonly object[]) => {
    await mkdir(join(folder.path, "gitops", dirname(path)), { recursive: true });
    await writeFile(join(folder.path, "gitops", path), objects.map((each) => JSON.stringify(each)).join("\n---\n"));
  };
  const claim = { metadata: { name: "data" }, spec: { resources: { requests: { storage: "1Gi" } } } };
  await write("kit/kustomization.yaml", [{ kind: "Component", resources: ["all.yaml"] }]);
  await write("kit/all.yaml", [
    { apiVersion: "v1", kind: "Service", metadata: { name: "web" }, spec: { type: "LoadBalancer" } },
    { apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "data" }, spec: { volumeClaimTemplates: [claim] } },
  ]);
  const larger = { op: "replace", path: "/spec/volumeClaimTemplates/0/spec/resources/requests/storage", value: "5Gi" };
  const patches = [{ target: { kind: "StatefulSet" }, patch: JSON.stringify([larger]) }];
  for (const app of ["one", "two"])
    await write(`apps/${app}/base/kustomization.yaml`, [{ components: ["../../../kit"], patches }]);
  expect(await demandsIn(folder.path, renderAnywhere)).toEqual({ loadBalancers: 2, gigabytes: 10 });
  await write("apps/two/base/kustomization.yaml", [{ components: ["../../../nowhere"] }]);
  await expect(demandsIn(folder.path, renderAnywhere)).rejects.toThrow("nowhere");
});

it("says in one line whose budget warns nobody", () => {
  const watched = "network: { cidr: 10.1.0.0/16 }, budget: { email: cost@example.com }";
  expect(unwatchedBudgets(settings({ dev: "budget: { monthlyUsd: 90 }", live: watched }))).toBe(
    "Nobody is warned of what dev costs: slipway.yaml has no environments.dev.budget.email.",
  );
  const both = settings({ dev: "lease: { until: 2026-12-01 }", live: "network: { cidr: 10.1.0.0/16 }" });
  expect(unwatchedBudgets(both)).toBe(
    "Nobody is warned of what dev, live cost: slipway.yaml has no environments.dev.budget.email, environments.live.budget.email.",
  );
  expect(unwatchedBudgets(both, ["live"])).toMatch(/^Nobody is warned of what live costs: /);
  expect(unwatchedBudgets(settings({ live: watched }))).toBeUndefined();
});
