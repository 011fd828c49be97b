import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { EC2 } from "@aws-sdk/client-ec2";
import { ECR } from "@aws-sdk/client-ecr";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { describeAccount, listAccount } from "../../scripts/rehearsal/aws/account-listing.ts";
import { openTeardownWorld, type TeardownWorld } from "../testing/teardown/teardown.ts";
import { stateLocation } from "../lib/terraform/root.ts";
import { withStateLock } from "../lib/terraform/state/lock.ts";
import { openStateStore } from "../lib/terraform/state/store.ts";

let world: TeardownWorld;
/** The account before anything was made in it. */
let empty: string[];
beforeAll(async () => {
  world = await openTeardownWorld();
  empty = await listAccount(world.aws);
});
afterAll(() => world[Symbol.asyncDispose]());
afterEach(() => {
  world.proxy.faults.clear();
  world.told.length = 0;
  world.summaries.length = 0;
});

const minutes = 300_000;
const classes = (receipt: { items: { class: string }[] } | undefined) =>
  new Set(receipt?.items.map((item) => item.class));

/** What was asked of AWS that changes something: everything but looking, and saying who one is. */
function mutations(): string[] {
  const reads = /^(Get|Describe|List|Head|BatchGet|Lookup|AssumeRole)/;
  return world.proxy.requests.filter(({ action }) => !reads.test(action)).map(({ action }) => action);
}

it("is green, with an empty receipt, where there is nothing at all", async () => {
  const began = Date.now();
  const { receipt, error } = await world.down();
  expect(error).toBeUndefined();
  expect(receipt).toMatchObject({ clean: true, monthlyUsd: 0 });
  expect(classes(receipt)).toEqual(new Set(["kept"]));
  expect(Date.now() - began).toBeLessThan(30_000);
  expect(await listAccount(world.aws)).toEqual(empty);
});

it("leaves a volume that it was asked to keep, whoever made it, and takes it away when it was not", async () => {
  const ec2 = new EC2(world.aws);
  const tags = { "slipway:project": "demo", "slipway:environment": "dev" };
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  await ec2.createVolume({
    AvailabilityZone: "us-east-1a",
    Size: 5,
    TagSpecifications: [{ ResourceType: "volume", Tags }],
  });
  const { receipt, error } = await world.down({ volumes: "keep" });
  expect(error).toBeUndefined();
  expect(receipt?.items).toContainEqual(expect.objectContaining({ class: "kept", kind: "volume" }));
  expect((await ec2.describeVolumes({})).Volumes).toHaveLength(1);
  expect((await world.down({ volumes: "delete" })).receipt).toMatchObject({ clean: true, monthlyUsd: 0 });
  expect(await listAccount(world.aws)).toEqual(empty);
  ec2.destroy();
});

it("leaves the images to an environment that Terraform has begun to make", { timeout: minutes }, async () => {
  const store = openStateStore({
    ...stateLocation(world.config, "environment", "prod"),
    credentials: async () => world.aws.credentials,
  });
  await world.up("registry", "dev");
  const ecr = new ECR(world.aws);
  const repositories = async () => (await ecr.describeRepositories({})).repositories ?? [];
  const made = await repositories();
  expect(made.length).toBeGreaterThan(0);
  const resources = [{ mode: "managed", type: "aws_kms_key", name: "this", instances: [{ attributes: {} }] }];
  await store.write("environments/prod/terraform.tfstate", JSON.stringify({ version: 4, resources }));
  const { receipt, error } = await world.down({ images: "delete" });
  expect(error).toBeUndefined();
  expect(receipt).toMatchObject({ clean: true });
  expect(receipt?.items).toContainEqual(
    expect.objectContaining({ class: "kept", kind: "repository", why: expect.stringContaining("environment prod") }),
  );
  expect(await repositories()).toHaveLength(made.length);

  await store.remove("environments/prod/terraform.tfstate");
  expect((await world.down({ images: "delete" })).receipt).toMatchObject({ clean: true, monthlyUsd: 0 });
  expect(await listAccount(world.aws)).toEqual(empty);
  ecr.destroy();
});

it("changes nothing for a wrong name, another account, a live lock, or a dry run", { timeout: minutes }, async () => {
  await world.up("registry", "dev");
  await world.up("environment", "dev");
  world.proxy.forget();
  expect((await world.down({ confirm: "prod" })).error).toMatchObject({ reason: "wrong-name" });
  const config = { ...world.config, aws: { ...world.config.aws, account: "111111111111" } };
  expect((await world.down({ config })).error).toMatchObject({ reason: "wrong-account" });
  expect(await world.down({ dryRun: true })).toEqual({});
  expect(world.summaries.join("\n")).toContain("EKS cluster: `demo-dev`");
  expect(mutations()).toEqual([]);

  const location = stateLocation(world.config, "environment", "dev");
  const store = openStateStore({ ...location, credentials: async () => world.aws.credentials });
  await withStateLock(store, location, "apply", async ({ info }) => {
    world.proxy.forget();
    const { error } = await world.down();
    expect(error).toMatchObject({ reason: "state-locked", next: expect.stringContaining(info.ID) });
    expect(mutations()).toEqual([]);
    // Its owner is not a run of this repository, so nobody can tell whether it has ended.
    const forceUnlock = { id: info.ID, runHasEnded: async () => true };
    expect((await world.down({ forceUnlock })).error).toMatchObject({ reason: "state-locked" });
    expect(mutations()).toEqual([]);
  });
});

it("takes one environment away and leaves the other as it is, with what both share", { timeout: minutes }, async () => {
  const alone = await describeAccount(world.aws);
  await world.up("environment", "prod");
  const contents = await fill("prod");
  const prod = (await describeAccount(world.aws)).filter((each) => !alone.includes(each));
  expect(prod.length).toBeGreaterThan(20);
  const before = await contents();
  const { receipt, error } = await world.down({ images: "delete" });
  expect(error).toBeUndefined();
  expect(receipt).toMatchObject({ clean: true, monthlyUsd: 0 });
  const after = await describeAccount(world.aws);
  expect(after.filter((each) => prod.includes(each))).toEqual(prod);
  expect(await contents()).toEqual(before);
  const repositories = (all: readonly string[]) => all.filter((each) => each.startsWith("repository "));
  expect(repositories(after)).toEqual(repositories(alone));
  expect(repositories(alone).length).toBeGreaterThan(0);
  expect(receipt?.items.filter(({ name }) => name.includes("prod"))).toEqual([]);
});

/** Puts something into a volume's place, a log and the registry. @returns what is in them, and in the state, later */
async function fill(environment: string) {
  const [ec2, logs, ecr] = [new EC2(world.aws), new CloudWatchLogs(world.aws), new ECR(world.aws)];
  const s3 = new S3({ ...world.aws, forcePathStyle: true });
  const tags = { "slipway:project": "demo", "slipway:environment": environment };
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  await ec2.createVolume({
    AvailabilityZone: "us-east-1a",
    Size: 5,
    TagSpecifications: [{ ResourceType: "volume", Tags }],
  });
  const group = { logGroupName: `/aws/eks/demo-${environment}/cluster`, logStreamName: "kube-apiserver-1" };
  await logs.createLogStream(group);
  await logs.putLogEvents({ ...group, logEvents: [{ timestamp: Date.now(), message: "started" }] });
  const repositoryName = "demo/guests-api";
  const blob = { mediaType: "application/vnd.oci.image.config.v1+json", size: 2, digest: `sha256:${"0".repeat(64)}` };
  const imageManifest = JSON.stringify({ schemaVersion: 2, config: blob, layers: [] });
  await ecr.putImage({ repositoryName, imageManifest, imageTag: "key" });
  const { bucket: Bucket, key: Key } = stateLocation(world.config, "environment", environment);
  const registry = stateLocation(world.config, "registry", environment).key;
  return async () => ({
    events: (await logs.getLogEvents(group)).events,
    images: (await ecr.batchGetImage({ repositoryName, imageIds: [{ imageTag: "key" }] })).images,
    states: await Promise.all(
      [Key, registry].map(async (each) => {
        const { Body, VersionId } = await s3.getObject({ Bucket, Key: each });
        return [VersionId, await Body?.transformToString()];
      }),
    ),
  });
}

it(
  "waits for an interface in use, deletes one that is not, and what nobody wrote down",
  { timeout: minutes },
  async () => {
    const ec2 = new EC2(world.aws);
    const logs = new CloudWatchLogs(world.aws);
    const tags = { "slipway:project": "demo", "slipway:environment": "prod" };
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    const Filters = [{ Name: "tag:slipway:environment", Values: ["prod"] }];
    const { Subnets = [] } = await ec2.describeSubnets({ Filters });
    const SubnetId = Subnets[0]?.SubnetId ?? "";
    const { NetworkInterface } = await ec2.createNetworkInterface({ SubnetId, Description: "aws-K8S-i-0" });
    // As the VPC CNI tags it: without the tag, the role may not delete it.
    const cni = [{ Key: "cluster.k8s.amazonaws.com/name", Value: "demo-prod" }];
    await ec2.createTags({ Resources: [NetworkInterface?.NetworkInterfaceId ?? ""], Tags: cni });
    // As an apply that was killed leaves them: in AWS, and in no state.
    await ec2.createVolume({
      AvailabilityZone: "us-east-1a",
      Size: 1,
      TagSpecifications: [{ ResourceType: "volume", Tags }],
    });
    // EKS writes its last lines when its cluster is gone.
    const logGroupName = "/aws/eks/demo-prod/cluster";
    const comeBack = async () => {
      const { logGroups = [] } = await logs.describeLogGroups({ logGroupNamePrefix: logGroupName });
      if (logGroups.length === 0) await logs.createLogGroup({ logGroupName });
    };
    // A NAT gateway that is being deleted still has its address.
    const held = world.proxy.faults.add({
      kind: "code",
      code: "AuthFailure",
      service: "ec2",
      action: "ReleaseAddress",
      times: 1,
      message: "You do not have permission to access the specified resource.",
    });
    let came = false;
    world.proxy.faults.add({
      kind: "delay",
      milliseconds: 1,
      service: "ec2",
      action: "DeleteVpc",
      when: async () => {
        if (!came) await comeBack();
        came = true;
        return false;
      },
    });
    const { receipt, error } = await world.down({ environment: "prod", images: "delete" });
    expect(error).toBeUndefined();
    expect(receipt).toMatchObject({ clean: true, monthlyUsd: 0 });
    expect(came).toBe(true);
    expect(held.hits).toBe(1);
    // Keys are not deleted at once, and cost nothing until they are.
    expect(receipt?.items).toContainEqual(
      expect.objectContaining({ class: "free-residual", kind: "key", why: expect.stringContaining("AWS deletes it") }),
    );
    expect(await listAccount(world.aws)).toEqual(empty);
    ec2.destroy();
    logs.destroy();
  },
);

it(
  "takes half an environment away: an apply that failed while it made the cluster's nodes",
  { timeout: minutes },
  async () => {
    world.proxy.faults.add({ kind: "access-denied", service: "eks", action: "CreateNodegroup" });
    await expect(world.up("environment", "dev")).rejects.toMatchObject({ reason: "apply-failed" });
    const half = await listAccount(world.aws);
    expect(half).toContain("cluster demo-dev");
    world.proxy.faults.clear();
    const { receipt, error } = await world.down({ images: "delete" });
    expect(error).toBeUndefined();
    expect(receipt).toMatchObject({ clean: true, monthlyUsd: 0 });
    expect(await listAccount(world.aws)).toEqual(empty);
  },
);

it("is red where AWS does not let it look, and names what is unknown", { timeout: minutes }, async () => {
  world.proxy.faults.add({ kind: "access-denied", service: "secretsmanager" });
  const { error } = await world.down();
  expect(error).toMatchObject({ reason: "not-clean" });
  expect(world.summaries.join("\n")).toContain("AccessDenied");
});
