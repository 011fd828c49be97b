import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { EC2 } from "@aws-sdk/client-ec2";
import { ECR } from "@aws-sdk/client-ecr";
import { EKS } from "@aws-sdk/client-eks";
import { IAM } from "@aws-sdk/client-iam";
import { KMS } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startEmulator } from "../scripts/rehearsal/aws/emulator/emulator.ts";
import { type Proxy, startProxy } from "../scripts/rehearsal/aws/proxy/proxy.ts";
import { record, roleKey } from "../scripts/rehearsal/permissions/record.ts";
import { administrator, openTerraform, project, type TerraformWorld } from "./test-world.ts";

/*
 * What an apply does after the first one: it follows slipway.yaml, and takes back what was changed by hand. Its calls are in
 * the record of calls, by which the roles' policies are tested.
 */

const parts = new AsyncDisposableStack();
const role = { as: roleKey };
let world: TerraformWorld;
let proxy: Proxy;
let owner: { endpoint: string; region: string; credentials: typeof administrator };

const group = (more: object) => ({ types: ["t3.large"], capacity: "on-demand", min: 1, desired: 2, max: 3, ...more });
const set = (values: Record<string, unknown>) =>
  Object.entries(values).map(
    ([name, value]) => `-var=${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );

beforeAll(async () => {
  const log = join(tmpdir(), `slipway-changes-${String(process.pid)}.log`);
  parts.defer(() => rm(log, { force: true }));
  const emulator = parts.use(await startEmulator({ log }));
  proxy = parts.use(await startProxy({ upstream: emulator.endpoint, sessions: roleKey.of("demo-apply-dev") }));
  parts.defer(() => record("changes", proxy.calls, { ...project, environment: "dev" }));
  world = parts.use(await openTerraform(proxy.endpoint));
  owner = { endpoint: emulator.endpoint, region: project.region, credentials: administrator };
  await world.bootstrap();
  for (const root of ["registry", "environment"] as const) {
    await world.init(root, ["-lockfile=readonly"], role);
    await world.apply(root, root === "environment" ? set({ cluster_version: "1.35" }) : [], role);
  }
});
afterAll(() => parts.disposeAsync());

const asked = () => new Set(proxy.requests.map(({ service, action }) => `${service}:${action}`));

test("an apply follows what slipway.yaml may change of an environment", async () => {
  proxy.forget();
  const changed = {
    cluster_version: "1.36",
    public_access_cidrs: ["198.51.100.0/24"],
    nat: "per-zone",
    budget_monthly_usd: 200,
    admins: ["arn:aws:iam::000000000000:role/admin"],
    budget_email: "others@example.com",
    node_groups: { default: group({ max: 4 }), spot: group({ capacity: "spot" }) },
  };
  await world.apply("environment", set(changed), role);
  expect([...asked()]).toEqual(
    expect.arrayContaining([
      "eks:UpdateClusterVersion",
      "eks:UpdateClusterConfig",
      "eks:UpdateNodegroupConfig",
      "eks:CreateAccessEntry",
      "eks:DescribeAddonVersions",
      "eks:UpdateAddon",
      "eks:UpdateNodegroupVersion",
      "ec2:AllocateAddress",
      "ec2:CreateNatGateway",
      "ec2:ReplaceRoute",
      "budgets:UpdateBudget",
    ]),
  );
});

test("an apply takes back tags that somebody else has given, and what was changed by hand", async () => {
  const [ec2, ecr, eks, iam, kms, logs] = [EC2, ECR, EKS, IAM, KMS, CloudWatchLogs].map(
    (Client) => new Client(owner),
  ) as [EC2, ECR, EKS, IAM, KMS, CloudWatchLogs];
  const { Vpcs: [vpc] = [] } = await ec2.describeVpcs({ Filters: [{ Name: "tag:Name", Values: ["demo-dev"] }] });
  await ec2.createTags({ Resources: [vpc?.VpcId ?? ""], Tags: [{ Key: "stray", Value: "1" }] });
  await ec2.deleteTags({ Resources: [vpc?.VpcId ?? ""], Tags: [{ Key: "Name" }] });
  const tags = { stray: "1" };
  const { cluster } = await eks.describeCluster({ name: "demo-dev" });
  await eks.tagResource({ resourceArn: cluster?.arn, tags });
  const { repositories: [repository] = [] } = await ecr.describeRepositories({ repositoryNames: ["demo/guests-api"] });
  await ecr.tagResource({ resourceArn: repository?.repositoryArn, tags: [{ Key: "stray", Value: "1" }] });
  await ecr.putImageTagMutability({ repositoryName: "demo/guests-api", imageTagMutability: "MUTABLE" });
  await iam.tagRole({ RoleName: "demo-dev.node", Tags: [{ Key: "stray", Value: "1" }] });
  await iam.updateAssumeRolePolicy({
    RoleName: "demo-dev.node",
    PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [] }),
  });
  const logGroupName = "/aws/eks/demo-dev/cluster";
  await logs.tagResource({ resourceArn: `arn:aws:logs:us-east-1:000000000000:log-group:${logGroupName}`, tags });
  await logs.putRetentionPolicy({ logGroupName, retentionInDays: 1 });
  const { KeyMetadata: key } = await kms.describeKey({ KeyId: "alias/demo-dev" });
  await kms.tagResource({ KeyId: key?.KeyId, Tags: [{ TagKey: "stray", TagValue: "1" }] });
  await kms.disableKeyRotation({ KeyId: key?.KeyId });
  for (const client of [ec2, ecr, eks, iam, kms, logs]) client.destroy();
  proxy.forget();
  for (const root of ["registry", "environment"] as const) await world.apply(root, [], role);
  expect([...asked()]).toEqual(
    expect.arrayContaining([
      "ec2:CreateTags",
      "ec2:DeleteTags",
      "iam:UntagRole",
      "iam:UpdateAssumeRolePolicy",
      "kms:EnableKeyRotation",
    ]),
  );
});

test("an environment and the registry go, image by image first", async () => {
  await world.apply("registry", ['-var=images=["guests-api"]'], role);
  for (const root of ["environment", "registry"] as const) await world.destroy(root, [], role);
  expect(await world.resources("environment")).toEqual([]);
});
