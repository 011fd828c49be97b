import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EKS } from "@aws-sdk/client-eks";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Emulator, startEmulator } from "./emulator.ts";
import { startProxy } from "../proxy/proxy.ts";

const parts = new AsyncDisposableStack();
let emulator: Emulator;
/** A client that reaches the emulator through the proxy, and one that does not. */
let eks: EKS;
let bare: EKS;
/** A cluster with one node group for each test. */
let name: string;
let tests = 0;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-patches-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  emulator = parts.use(await startEmulator({ log: join(folder, "emulator.log") }));
  const proxy = parts.use(await startProxy({ upstream: emulator.endpoint }));
  const settings = { region: "eu-central-1", credentials: emulator.credentials };
  eks = new EKS({ ...settings, endpoint: proxy.endpoint });
  bare = new EKS({ ...settings, endpoint: emulator.endpoint });
});
afterAll(() => parts.disposeAsync());

beforeEach(async () => {
  name = `test-${String(++tests)}`;
  const role = `arn:aws:iam::${emulator.account}:role/any`;
  await eks.createCluster({
    name,
    roleArn: role,
    resourcesVpcConfig: { subnetIds: ["subnet-1"], publicAccessCidrs: ["192.0.2.0/24"] },
    upgradePolicy: { supportType: "STANDARD" },
    tags: { first: "1", second: "2" },
  });
  await eks.createNodegroup({
    clusterName: name,
    nodegroupName: "nodes",
    nodeRole: role,
    subnets: ["subnet-1"],
    scalingConfig: { minSize: 1, maxSize: 3, desiredSize: 2 },
    launchTemplate: { id: "lt-1", version: "3" },
    updateConfig: { maxUnavailablePercentage: 50 },
    labels: { pool: "default", old: "yes" },
    tags: { first: "1", second: "2" },
  });
});

const cluster = async (client = eks) => (await client.describeCluster({ name })).cluster;
const nodes = async (client = eks) =>
  (await client.describeNodegroup({ clusterName: name, nodegroupName: "nodes" })).nodegroup;

/** The state of an update, as EKS tells it to whoever asks again. */
async function outcome(update: { id?: string | undefined } | undefined, nodegroupName?: string) {
  const asked = await eks.describeUpdate({ name, updateId: update?.id, ...(nodegroupName && { nodegroupName }) });
  return [asked.update?.type, asked.update?.status, asked.update?.errors];
}

test("a cluster's upgrade policy is kept", async () => {
  expect((await cluster(bare))?.upgradePolicy).toBeUndefined();
  expect((await cluster())?.upgradePolicy).toEqual({ supportType: "STANDARD" });
});

test("a cluster that asks for no upgrade policy gets AWS's", async () => {
  const plain = { name: `${name}-plain`, roleArn: `arn:aws:iam::${emulator.account}:role/any`, resourcesVpcConfig: {} };
  const created = await eks.createCluster(plain);
  expect(created.cluster?.upgradePolicy).toEqual({ supportType: "EXTENDED" });
});

test("a node group keeps its launch template and how it is updated", async () => {
  expect((await nodes(bare))?.launchTemplate).toBeUndefined();
  expect(await nodes()).toMatchObject({
    launchTemplate: { id: "lt-1", version: "3" },
    updateConfig: { maxUnavailablePercentage: 50 },
    labels: { pool: "default", old: "yes" },
    tags: { first: "1", second: "2" },
  });
});

test("a cluster goes up one version at a time, and never down", async () => {
  const plain = { name: `${name}-old`, roleArn: `arn:aws:iam::${emulator.account}:role/any`, resourcesVpcConfig: {} };
  await eks.createCluster({ ...plain, version: "1.34" });
  const refused = { name: "InvalidParameterException" };
  await expect(eks.updateClusterVersion({ name: plain.name, version: "1.36" })).rejects.toMatchObject(refused);
  await eks.updateClusterVersion({ name: plain.name, version: "1.35" });
  await expect(eks.updateClusterVersion({ name: plain.name, version: "1.34" })).rejects.toMatchObject(refused);
  await eks.updateClusterVersion({ name: plain.name, version: "1.36" });
});

test("the versions of an add-on are those for a version of Kubernetes, the newest first", async () => {
  const versions = async (kubernetesVersion: string) => {
    const { addons = [] } = await eks.describeAddonVersions({ addonName: "coredns", kubernetesVersion });
    return addons.flatMap(({ addonVersions = [] }) => addonVersions.map((each) => each.addonVersion));
  };
  await expect(bare.describeAddonVersions({ addonName: "coredns" })).rejects.toThrow("No route");
  expect(await versions("1.35")).toEqual(["v1.35.0-eksbuild.2", "v1.35.0-eksbuild.1"]);
  expect(await versions("1.36")).toEqual(["v1.36.0-eksbuild.2", "v1.36.0-eksbuild.1"]);
  expect(await versions("1.99")).toEqual([]);
});

test("a cluster's settings and version can be changed", async () => {
  const access = { publicAccessCidrs: ["198.51.100.0/24"] };
  await expect(bare.updateClusterConfig({ name, resourcesVpcConfig: access })).rejects.toThrow("No route");
  const config = await eks.updateClusterConfig({ name, resourcesVpcConfig: access });
  const version = await eks.updateClusterVersion({ name, version: "1.36" });
  const policy = await eks.updateClusterConfig({ name, upgradePolicy: { supportType: "EXTENDED" } });
  expect(await outcome(config.update)).toEqual(["EndpointAccessUpdate", "Successful", []]);
  expect(await outcome(version.update)).toEqual(["VersionUpdate", "Successful", []]);
  expect(await outcome(policy.update)).toEqual(["UpgradePolicyUpdate", "Successful", []]);
  expect(await cluster()).toMatchObject({
    version: "1.36",
    upgradePolicy: { supportType: "EXTENDED" },
    resourcesVpcConfig: { subnetIds: ["subnet-1"], publicAccessCidrs: ["198.51.100.0/24"], endpointPublicAccess: true },
  });
});

test("a node group's size, labels and launch template can be changed", async () => {
  const group = { clusterName: name, nodegroupName: "nodes" };
  const config = await eks.updateNodegroupConfig({
    ...group,
    scalingConfig: { minSize: 1, maxSize: 5, desiredSize: 4 },
    labels: { addOrUpdateLabels: { pool: "large", extra: "1" }, removeLabels: ["old"] },
    updateConfig: { maxUnavailable: 2 },
  });
  const version = await eks.updateNodegroupVersion({ ...group, launchTemplate: { id: "lt-1", version: "4" } });
  expect(await outcome(config.update, "nodes")).toEqual(["ConfigUpdate", "Successful", []]);
  expect(await outcome(version.update, "nodes")).toEqual(["VersionUpdate", "Successful", []]);
  const now = await nodes();
  expect(now?.scalingConfig).toEqual({ minSize: 1, maxSize: 5, desiredSize: 4 });
  expect(now?.labels).toEqual({ pool: "large", extra: "1" });
  expect(now?.updateConfig).toEqual({ maxUnavailable: 2 });
  expect(now?.launchTemplate).toEqual({ id: "lt-1", version: "4" });
});

test("an update of what is not there is refused as AWS does", async () => {
  const missing = { name: "ResourceNotFoundException" };
  await expect(eks.updateClusterVersion({ name: "none", version: "1.36" })).rejects.toMatchObject(missing);
  await expect(eks.describeUpdate({ name, updateId: "none" })).rejects.toMatchObject(missing);
  const group = { clusterName: name, nodegroupName: "none" };
  await expect(eks.updateNodegroupConfig(group)).rejects.toMatchObject(missing);
});

test("tags that are set and taken away later show in the resource and in the list", async () => {
  for (const resourceArn of [(await cluster())?.arn, (await nodes())?.nodegroupArn]) {
    await eks.tagResource({ resourceArn, tags: { first: "changed", third: "3" } });
    await eks.untagResource({ resourceArn, tagKeys: ["second", "third"] });
    expect((await eks.listTagsForResource({ resourceArn })).tags).toEqual({ first: "changed" });
  }
  expect((await cluster())?.tags).toEqual({ first: "changed" });
  expect((await nodes())?.tags).toEqual({ first: "changed" });
});

test("a cluster that is made again under its old name has none of the old one's settings", async () => {
  await eks.updateClusterVersion({ name, version: "1.36" });
  await eks.deleteNodegroup({ clusterName: name, nodegroupName: "nodes" });
  await eks.deleteCluster({ name });
  await expect(eks.updateClusterVersion({ name, version: "1.37" })).rejects.toThrow("No cluster found");
  const roleArn = `arn:aws:iam::${emulator.account}:role/any`;
  await eks.createCluster({ name, roleArn, version: "1.34", resourcesVpcConfig: {} });
  expect(await cluster()).toMatchObject({ version: "1.34", upgradePolicy: { supportType: "EXTENDED" }, tags: {} });
});
