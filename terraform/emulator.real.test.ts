import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KMS } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startEmulator } from "../scripts/rehearsal/aws/emulator/emulator.ts";
import { type Proxy, startProxy } from "../scripts/rehearsal/aws/proxy/proxy.ts";
import { administrator, openTerraform, project, type TerraformWorld } from "./test-world.ts";

const parts = new AsyncDisposableStack();
let proxy: Proxy;
let world: TerraformWorld;

/** Asks a service of AWS in the Query protocol, for services that only these tests need. */
async function ask(service: string, query: Record<string, string>): Promise<string> {
  const scope = `Credential=test/20260101/${project.region}/${service}/aws4_request`;
  const answer = await fetch(proxy.endpoint, {
    method: "POST",
    headers: { authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0` },
    body: new URLSearchParams(query),
  });
  const text = await answer.text();
  expect(answer.status, text).toBe(200);
  return text;
}

/** EC2's lists, where its own index of tags still knows what is gone. A NAT gateway stays listed for an hour. */
const lists: Readonly<Record<string, Record<string, string>>> = {
  DescribeAddresses: {},
  DescribeInternetGateways: {},
  DescribeLaunchTemplates: {},
  DescribeNatGateways: { "Filter.1.Name": "state", "Filter.1.Value.1": "pending", "Filter.1.Value.2": "available" },
  DescribeRouteTables: {},
  DescribeSubnets: {},
  DescribeVpcs: {},
};

/** How much of the environment there is: in EC2 by its tag, in IAM by its name, as `DescribeSubnets: 4`. */
async function found(): Promise<string[]> {
  const count = (list: string, text: string, sign: string) => {
    const found = text.split(sign).length - 1;
    return found > 0 ? [`${list}: ${String(found)}`] : [];
  };
  const tagged = Object.entries(lists).map(async ([list, filter]) => {
    const text = await ask("ec2", { Action: list, Version: "2016-11-15", ...filter });
    return count(list, text, "<key>slipway:environment</key>");
  });
  const roles = await ask("iam", { Action: "ListRoles", Version: "2010-05-08" });
  return [...(await Promise.all(tagged)).flat(), ...count("ListRoles", roles, "<RoleName>demo-dev.")];
}

/** Where in the order of requests an operation was last, or first, asked for. */
const last = (name: string) => proxy.requests.findLastIndex((each) => `${each.service}:${each.action}` === name);
const first = (name: string) => proxy.requests.findIndex((each) => `${each.service}:${each.action}` === name);

beforeAll(async () => {
  const log = join(tmpdir(), `slipway-terraform-${String(process.pid)}.log`);
  parts.defer(() => rm(log, { force: true }));
  const emulator = parts.use(await startEmulator({ log }));
  proxy = parts.use(await startProxy({ upstream: emulator.endpoint }));
  world = parts.use(await openTerraform(proxy.endpoint));
});
afterAll(() => parts.disposeAsync());

test("the account is prepared once, and its state moves into the bucket that it made", async () => {
  const { stdout } = await world.bootstrap();
  expect(stdout).toMatch(/Apply complete! Resources: 37 added/);
  await rm(join(world.folder, "bootstrap", "first_override.tf"));
  await world.init("bootstrap", ["-migrate-state", "-force-copy"]);
  await rm(join(world.folder, "bootstrap", "terraform.tfstate"));
  expect(await world.isClean("bootstrap")).toBe(true);
});

test("the registry is made, and a second plan finds nothing to do", async () => {
  await world.init("registry", ["-lockfile=readonly"]);
  const { stdout } = await world.apply("registry");
  expect(stdout).toContain(`000000000000.dkr.ecr.us-east-1.amazonaws.com/demo/guests-api`);
  expect(await world.isClean("registry")).toBe(true);
});

test("an image that is new gets a repository, one that is gone loses it, and the others are left alone", async () => {
  const { stdout } = await world.apply("registry", ['-var=images=["guests-api","notes-api"]']);
  // A repository and its lifecycle policy each.
  expect(stdout).toContain("Apply complete! Resources: 2 added, 0 changed, 2 destroyed.");
});

test("the environment is made, and a second plan finds nothing to do", async () => {
  await world.init("environment", ["-lockfile=readonly"]);
  const { stdout } = await world.apply("environment");
  expect(stdout).toContain("Apply complete! Resources: 45 added");
  expect(await world.isClean("environment")).toBe(true);
  expect(await found()).toEqual([
    "DescribeAddresses: 1",
    "DescribeInternetGateways: 1",
    "DescribeLaunchTemplates: 1",
    "DescribeNatGateways: 1",
    "DescribeRouteTables: 3",
    "DescribeSubnets: 4",
    "DescribeVpcs: 1",
    "ListRoles: 4",
  ]);
});

test("whatever was asked of the new keys, their own policies allow, before their tags count", async () => {
  const kms = new KMS({ region: project.region, endpoint: proxy.endpoint, credentials: administrator });
  const asked = new Set(proxy.requests.flatMap(({ service, action }) => (service === "kms" ? [`kms:${action}`] : [])));
  // These two are about no key that is there.
  for (const action of ["kms:CreateKey", "kms:ListAliases"]) asked.delete(action);
  expect([...asked]).toEqual(expect.arrayContaining(["kms:EnableKeyRotation", "kms:DescribeKey", "kms:CreateAlias"]));
  // What EKS and ECR do in the caller's name.
  asked.add("kms:CreateGrant");
  for (const KeyId of ["alias/demo-dev", "alias/demo/registry"]) {
    const { KeyMetadata: key } = await kms.describeKey({ KeyId });
    const { Policy = "" } = await kms.getKeyPolicy({ KeyId: key?.KeyId, PolicyName: "default" });
    const { Statement: statements } = JSON.parse(Policy) as { Statement: { Sid: string; Action: string | string[] }[] };
    const allowed = statements.find(({ Sid }) => Sid === "Manage")?.Action;
    expect(allowed, KeyId).toEqual(expect.arrayContaining([...asked]));
  }
  kms.destroy();
});

test("without its cluster the environment keeps its network", async () => {
  const before = await world.resources("environment");
  const { stdout } = await world.apply("environment", ["-var=cluster_enabled=false"]);
  expect(stdout).toContain("Apply complete! Resources: 0 added, 0 changed, 26 destroyed.");
  const after = await world.resources("environment");
  expect(after).toEqual(before.filter((address) => /^module\.network|^aws_budgets/.test(address)));
  await world.apply("environment", ["-var=cluster_version=1.35"]);
});

test("an upgrade goes from the control plane to add-ons, nodes and what runs on them, each in its place", async () => {
  const before = await world.resources("environment");
  proxy.forget();
  const { stdout } = await world.apply("environment", ["-var=cluster_version=1.36"]);
  expect(stdout).toMatch(/aws_eks_cluster\.this will be updated in-place/);
  expect(stdout).toContain("Apply complete! Resources: 0 added, 8 changed, 0 destroyed.");
  const updates = proxy.requests.filter((each) => each.service === "eks" && each.action.startsWith("Update"));
  const steps = updates.map(({ action, path }) => path.addonName ?? action);
  // Within a group Terraform goes in no order.
  expect([steps[0], ...steps.slice(1, 4).sort(), steps[4], ...steps.slice(5).sort()]).toEqual([
    "UpdateClusterVersion",
    "eks-pod-identity-agent",
    "kube-proxy",
    "vpc-cni",
    "UpdateNodegroupVersion",
    "aws-ebs-csi-driver",
    "coredns",
    "metrics-server",
  ]);
  expect(await world.resources("environment")).toEqual(before);
  expect(await world.isClean("environment")).toBe(true);
});

test("a destroy takes nodes, cluster and network in this order, and leaves nothing", async () => {
  proxy.forget();
  await world.destroy("environment");
  expect(await world.resources("environment")).toEqual([]);
  const order = [
    last("eks:DeleteNodegroup"),
    first("eks:DeleteCluster"),
    last("eks:DeleteCluster"),
    Math.min(first("ec2:DisassociateRouteTable"), first("ec2:DeleteRoute")),
    first("ec2:DeleteNatGateway"),
    first("ec2:ReleaseAddress"),
    last("ec2:DeleteVpc"),
  ];
  expect(order).not.toContain(-1);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(await found()).toEqual([]);
});

test("the registry goes, images or not", async () => {
  await world.destroy("registry");
  expect(await world.resources("registry")).toEqual([]);
});
