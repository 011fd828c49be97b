import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { otherEnvironments } from "../inventory/other-environments.ts";
import { inventoryKey, readInventory, saveInventory } from "../inventory/saved.ts";
import { takeInventory } from "../inventory/inventory.ts";
import { makeReceipt, type Receipt } from "./receipt.ts";
import { makeLeftovers, makeNetwork, marksOf } from "../../testing/resources/leftovers.ts";
import { listAll } from "../../testing/resources/listing.ts";
import { startTestAws, type TestAws } from "../../testing/resources/world.ts";
import { openStateStore } from "../terraform/state/store.ts";

const parts = new AsyncDisposableStack();
let aws: TestAws;
/** Whoever prepares a test is not the role that looks. */
const owner = () => ({ ...aws.dev, credentials: () => Promise.resolve(aws.emulator.credentials) });

beforeAll(async () => {
  aws = parts.use(await startTestAws());
});
afterEach(() => aws.proxy.faults.clear());
afterAll(() => parts.disposeAsync());

const idsOf = (receipt: Receipt) => receipt.items.flatMap((item) => ("kind" in item ? item.id : []));
const ofKind = (receipt: Receipt, kind: string) =>
  receipt.items.flatMap((item) => ("kind" in item && item.kind === kind ? [item] : []));
const unknowns = (receipt: Receipt) => receipt.items.filter((item) => item.class === "unknown");

/** Makes something of a kind that the code does not know: a queue with the environment's tags. */
async function makeStranger(QueueName: string): Promise<void> {
  const scope = "Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0";
  const answer = await fetch(aws.proxy.endpoint, {
    method: "POST",
    headers: {
      authorization: `AWS4-HMAC-SHA256 ${scope}`,
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": "AmazonSQS.CreateQueue",
    },
    body: JSON.stringify({
      QueueName,
      tags: Object.fromEntries(marksOf(aws.dev).map(({ Key, Value }) => [Key, Value])),
    }),
  });
  expect(answer.status, await answer.text()).toBe(200);
}

it("is empty and green where nothing is, in less than 30 seconds", async () => {
  const began = Date.now();
  const receipt = await makeReceipt({ scope: aws.dev });
  expect(receipt.items).toEqual([]);
  expect(receipt).toMatchObject({ version: 1, clean: true, monthlyUsd: 0, looks: 1 });
  expect(Date.now() - began).toBeLessThan(30_000);
});

it("says after a clean look and another one that nothing is left, and not when something comes back", async () => {
  const settled = await makeReceipt({ scope: aws.dev, settle: 3_000 });
  expect(settled).toMatchObject({ clean: true });
  expect(settled.looks).toBeGreaterThan(1);
  expect(settled.seconds).toBeGreaterThanOrEqual(3);

  const logGroupName = "/aws/eks/demo-dev/cluster";
  const looks: boolean[] = [];
  const back = await makeReceipt({
    scope: aws.dev,
    settle: 3_000,
    deadline: 9_000,
    onLook(receipt) {
      looks.push(receipt.clean);
      if (looks.length === 1) void aws.clients.logs.createLogGroup({ logGroupName });
    },
  });
  expect(looks.slice(0, 2)).toEqual([true, false]);
  expect(back.clean).toBe(false);
  expect(back.items).toMatchObject([{ kind: "log-group", class: "billable", name: logGroupName }]);
  await aws.clients.logs.deleteLogGroup({ logGroupName });
});

it("lists what AWS lists, of this environment and of no other, with its price", async () => {
  const { vpc } = await makeLeftovers(aws.clients, aws.dev);
  const { vpc: other } = await makeLeftovers(aws.clients, aws.eu);
  for (const [scope, own] of [
    [aws.dev, vpc],
    [aws.eu, other],
  ] as const) {
    const receipt = await makeReceipt({ scope });
    const listed = await listAll({ ...aws.direct, classic: aws.clients.classic }, scope.environment, own);
    const ids = idsOf(receipt);
    expect(listed.filter((end) => ids.filter((id) => id.endsWith(end)).length !== 1)).toEqual([]);
    expect(ids.length).toBe(listed.length);
    expect(ids.length).toBeGreaterThan(25);
    expect(unknowns(receipt)).toEqual([]);
    expect(receipt.clean).toBe(false);
    // The classic and the network load balancer, the cluster, one t3.large, 20 GB gp3, 5 GB of snapshots, the NAT
    // gateway, its address and the one that AWS lends the network load balancer in its one zone, an endpoint in one zone,
    // a secret and a key.
    const hour = 0.025 + 0.0225 + 0.1 + 0.0832 + 0.045 + 2 * 0.005 + 0.01;
    expect(receipt.monthlyUsd).toBeCloseTo(730 * hour + 20 * 0.08 + 5 * 0.05 + 0.4 + 1, 6);
  }
});

it("reads every page of what there is much of", async () => {
  const { ec2, ecr, s3 } = aws.clients;
  const { subnet } = await makeNetwork(aws.clients, aws.dev);
  const before = ofKind(await makeReceipt({ scope: aws.dev }), "network-interface").length;
  for (let count = 0; count < 120; count += 1) await ec2.createNetworkInterface({ SubnetId: subnet });
  await ecr.createRepository({ repositoryName: "demo/web" });
  await ecr.createRepository({ repositoryName: "shopping/web" });
  for (let count = 0; count < 500; count += 1)
    await ecr.putImage({
      repositoryName: "demo/web",
      imageTag: `v${String(count)}`,
      imageManifest: JSON.stringify({ schemaVersion: 2, count }),
    });
  const Bucket = "demo-dev-uploads";
  await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Enabled" } });
  for (let count = 0; count < 25; count += 1)
    await Promise.all(
      Array.from({ length: 100 }, (_, index) => s3.putObject({ Bucket, Key: `key-${String(index % 10)}`, Body: "12" })),
    );
  aws.proxy.forget();
  const receipt = await makeReceipt({ scope: aws.dev });
  expect(ofKind(receipt, "network-interface").length).toBe(before + 120);
  expect(ofKind(receipt, "repository")).toMatchObject([
    { class: "kept", why: expect.stringContaining("use it: eu."), name: "demo/web", facts: { images: 500 } },
  ]);
  expect(ofKind(receipt, "bucket")).toMatchObject([{ class: "billable", facts: { versions: 2500, size: "5.0 kB" } }]);
  expect(aws.proxy.counts.get("ecr:DescribeImages")).toBe(10);
  expect(aws.proxy.counts.get("ec2:DescribeNetworkInterfaces")).toBe(Math.ceil((await interfacesInAll()) / 50));
  expect(aws.proxy.counts.get("s3:ListObjectVersions"), "and once for the state").toBe(3 + 1);
});

const interfacesInAll = async () => (await aws.direct.ec2.describeNetworkInterfaces({})).NetworkInterfaces?.length ?? 0;

it.each([
  ["refused", "access-denied", /UnauthorizedOperation.*The role lacks this permission/],
  ["throttled until the retries end", "throttle", /RequestLimitExceeded.*throttling through every retry/],
  ["broken", "server-error", /InternalError/],
] as const)("knows nothing of what is %s, and is red", async (_what, kind, why) => {
  aws.proxy.faults.add({ service: "ec2", action: "DescribeVolumes", kind });
  const receipt = await makeReceipt({ scope: aws.dev });
  expect(unknowns(receipt)).toMatchObject([{ id: "volume", title: "EBS volume", why: expect.stringMatching(why) }]);
  expect(ofKind(receipt, "volume")).toEqual([]);
  expect(ofKind(receipt, "vpc").length).toBe(2);
  expect(receipt.clean).toBe(false);
});

it("is red as long as nobody can see anything, also where nothing is", async () => {
  const nobody = { ...aws.dev, environment: "none", clusterName: "demo-none" };
  const usual = { clean: true, items: [{ class: "kept", name: "demo/web" }] };
  expect(await makeReceipt({ scope: nobody })).toMatchObject(usual);
  for (const service of ["ec2", "eks", "elasticloadbalancing", "logs", "iam", "kms", "secretsmanager", "budgets"])
    aws.proxy.faults.add({ service, kind: "access-denied" });
  aws.proxy.faults.add({ service: "tagging", kind: "code", code: "SomethingNew" });
  const receipt = await makeReceipt({ scope: nobody });
  expect(receipt.clean).toBe(false);
  const blind = unknowns(receipt).map(({ id }) => id);
  expect(blind).toContain("the index of tags");
  // Every kind but those of ECR and S3, of which one asks the index; and whether other environments use what is there.
  expect(blind).toEqual(expect.arrayContaining(["cluster", "load-balancer", "classic-load-balancer", "bucket", "key"]));
  expect(blind.length).toBe(28);
});

it("takes a key that AWS will delete for what goes by itself", async () => {
  const { kms } = aws.clients;
  const [key] = ofKind(await makeReceipt({ scope: aws.dev }), "key");
  await kms.scheduleKeyDeletion({ KeyId: key?.id.split("/").at(-1), PendingWindowInDays: 7 });
  const receipt = await makeReceipt({ scope: aws.dev });
  expect(ofKind(receipt, "key")).toMatchObject([
    { class: "free-residual", why: expect.stringMatching(/^AWS deletes it on 20/) },
  ]);
});

it("asks each service for what the index of tags names, and does not count what is gone", async () => {
  const { ec2 } = aws.clients;
  const Tags = marksOf(aws.dev);
  const TagSpecifications = [{ ResourceType: "volume" as const, Tags }];
  const { VolumeId: id = "" } = await ec2.createVolume({ AvailabilityZone: "us-east-1a", Size: 1, TagSpecifications });
  await ec2.deleteVolume({ VolumeId: id });
  const { Tags: stale = [] } = await ec2.describeTags({ Filters: [{ Name: "resource-id", Values: [id] }] });
  expect(stale.length, "the index still names it").toBe(2);
  aws.proxy.forget();
  const receipt = await makeReceipt({ scope: aws.dev });
  expect(idsOf(receipt).some((each) => each.includes(id))).toBe(false);
  expect(unknowns(receipt)).toEqual([]);
  expect(aws.proxy.counts.get("ec2:DescribeVolumes"), "the list, and each row that is not in it").toBeGreaterThan(1);
});

it("does not pass over a kind that it does not know", async () => {
  await makeStranger("orders");
  const receipt = await makeReceipt({ scope: aws.dev });
  expect(unknowns(receipt)).toMatchObject([{ id: expect.stringMatching(/^arn:aws:sqs:.*:orders$/) }]);
});

it("keeps what the pipeline needs, what others use and what a policy names, with the reason", async () => {
  const { s3, iam } = aws.clients;
  await s3.createBucket({ Bucket: aws.dev.bucket });
  for (const role of ["plan", "deploy", "apply-dev"])
    await iam.createRole({ RoleName: `demo-${role}`, AssumeRolePolicyDocument: "{}" });
  const state = (resources: unknown[]) => JSON.stringify({ version: 4, resources });
  const vpc = { mode: "managed", type: "aws_vpc", name: "this", instances: [{ attributes: {} }] };
  const store = openStateStore(owner());
  await store.write("environments/us/terraform.tfstate", state([]));
  expect(await otherEnvironments(aws.dev, store), "one has a VPC, the other an empty state").toEqual(["eu"]);
  await store.write("environments/us/terraform.tfstate", state([vpc]));
  const shared = await makeReceipt({ scope: aws.dev, keep: { volume: "Asked for." } });
  expect(ofKind(shared, "repository")).toMatchObject([
    { class: "kept", why: expect.stringContaining("use it: eu, us.") },
  ]);
  expect(ofKind(shared, "volume")).toMatchObject([
    { class: "kept", why: "Asked for.", monthlyUsd: expect.closeTo(1.6) },
  ]);
  expect(
    ofKind(shared, "role")
      .filter((item) => item.class === "kept")
      .map(({ name }) => name),
  ).toEqual(["demo-apply-dev", "demo-deploy", "demo-plan"]);
  expect(ofKind(shared, "bucket").find(({ name }) => name === aws.dev.bucket)).toMatchObject({ class: "kept" });

  aws.proxy.faults.add({ service: "s3", action: "ListObjectsV2", kind: "access-denied" });
  const unsure = await makeReceipt({ scope: aws.dev });
  expect(ofKind(unsure, "repository")).toMatchObject([{ class: "billable" }]);
  expect(unknowns(unsure).map(({ id }) => id)).toContain("other-environments");
});

it("remembers what it once saw, and finds it where no list does any more", async () => {
  const store = openStateStore(owner());
  const { ec2 } = aws.clients;
  const TagSpecifications = [{ ResourceType: "volume" as const, Tags: marksOf(aws.dev) }];
  const { VolumeId = "" } = await ec2.createVolume({ AvailabilityZone: "us-east-1a", Size: 3, TagSpecifications });
  const first = await saveInventory(store, aws.dev, await takeInventory(aws.dev));
  expect(first.resources.some(({ id }) => id.endsWith(VolumeId))).toBe(true);
  await ec2.deleteTags({ Resources: [VolumeId], Tags: marksOf(aws.dev) });
  const receipt = await makeReceipt({ scope: aws.dev });
  expect(receipt.items.find(({ id }) => id.endsWith(VolumeId))).toMatchObject({ class: "billable", by: "inventory" });

  await ec2.deleteVolume({ VolumeId });
  const later = await takeInventory(aws.dev);
  expect(later.resources.some(({ id }) => id.endsWith(VolumeId))).toBe(false);
  const merged = await saveInventory(store, aws.dev, later);
  expect(
    merged.resources.some(({ id }) => id.endsWith(VolumeId)),
    "never shrunk",
  ).toBe(true);
  const shrunk = await saveInventory(store, aws.dev, later, { replace: true });
  expect(shrunk.resources.some(({ id }) => id.endsWith(VolumeId))).toBe(false);
  expect(await readInventory(store, aws.dev)).toEqual(shrunk);

  await store.write(inventoryKey("dev"), '{"version":1}');
  const unreadable = await makeReceipt({ scope: aws.dev });
  expect(unknowns(unreadable)).toContainEqual(expect.objectContaining({ id: "the saved inventory" }));
  await store.remove(inventoryKey("dev"));
});

it("finds what only Terraform's state names", async () => {
  const { ec2 } = aws.clients;
  const { VolumeId = "" } = await ec2.createVolume({ AvailabilityZone: "us-east-1a", Size: 3 });
  const arn = `arn:aws:ec2:us-east-1:000000000000:volume/${VolumeId}`;
  const resource = { mode: "managed", type: "aws_ebs_volume", name: "this", instances: [{ attributes: { arn } }] };
  await openStateStore(owner()).write("environments/dev/terraform.tfstate", JSON.stringify({ resources: [resource] }));
  expect((await makeReceipt({ scope: aws.dev })).items).toContainEqual(
    expect.objectContaining({ id: arn, class: "billable" }),
  );
});
