import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { readInventory } from "../lib/inventory/saved.ts";
import { makeReceipt, type Receipt } from "../lib/receipt/receipt.ts";
import { makeLeftovers, marksOf } from "../testing/resources/leftovers.ts";
import { listAll } from "../testing/resources/listing.ts";
import { startTestAws, type TestAws } from "../testing/resources/world.ts";
import { planSweep, sweep } from "./sweep.ts";
import { openStateStore, type StateStore } from "../lib/terraform/state/store.ts";

const parts = new AsyncDisposableStack();
let aws: TestAws;
let store: StateStore;
let other: string;
const key = "environments/dev/terraform.tfstate";
const state = (...types: string[]) =>
  JSON.stringify({
    resources: types.map((type) => ({ mode: "managed", type, name: "this", instances: [{ attributes: {} }] })),
  });

beforeAll(async () => {
  aws = parts.use(await startTestAws());
  store = openStateStore(aws.dev);
  await aws.clients.s3.createBucket({ Bucket: aws.dev.bucket });
  await makeLeftovers(aws.clients, aws.dev);
  ({ vpc: other } = await makeLeftovers(aws.clients, aws.eu));
  await aws.clients.ecr.createRepository({ repositoryName: "demo/web" });
  for (let count = 0; count < 120; count += 1)
    await aws.clients.ecr.putImage({
      repositoryName: "demo/web",
      imageTag: `v${String(count)}`,
      imageManifest: JSON.stringify({ schemaVersion: 2, count }),
    });
  const Bucket = "demo-dev-uploads";
  await aws.clients.s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Enabled" } });
  for (let count = 0; count < 1200; count += 1)
    await aws.clients.s3.putObject({ Bucket, Key: `key-${String(count % 7)}`, Body: "12" });
  await aws.clients.s3.deleteObject({ Bucket, Key: "key-0" });
});
afterEach(() => aws.proxy.faults.clear());
afterAll(() => parts.disposeAsync());

const look = () => makeReceipt({ scope: aws.dev, store });
const plan = async (receipt?: Receipt) => planSweep(aws.dev, store, receipt ?? (await look()));
const quick = { interval: 300, deadline: 10_000 };
const mutations = () => aws.proxy.requests.filter(({ mutating }) => mutating).map(({ action }) => action);

it("is for leftovers: what Terraform's state holds is not one", async () => {
  await store.write(key, state("aws_vpc", "aws_subnet"));
  await expect(plan()).rejects.toMatchObject({
    reason: "state-holds-resources",
    message: expect.stringContaining("holds 2 resources"),
    next: expect.stringContaining("destroy"),
  });
  await store.write(key, state());
});

it("plans what goes before what it uses, and leaves alone what is only in the VPC", async () => {
  aws.proxy.forget();
  const { remove, leave } = await plan();
  const order = remove.map(({ kind }) => kind);
  const place = (kind: (typeof order)[number]) => order.indexOf(kind);
  expect(place("load-balancer")).toBeLessThan(place("target-group"));
  expect(place("node-group")).toBeLessThan(place("cluster"));
  expect(place("nat-gateway")).toBeLessThan(place("address"));
  expect(place("subnet")).toBeLessThan(place("vpc"));
  expect(place("instance-profile")).toBeLessThan(place("role"));
  // The endpoint was made by nobody that we know, and the load balancer's interface is AWS's.
  expect(leave.map(({ item }) => item.title).sort()).toEqual([
    "S3 bucket",
    "Terraform state",
    "VPC endpoint",
    "image repository",
    "network interface",
  ]);
  expect(mutations(), "a plan changes nothing").toEqual([]);
});

it("says why something stays, and removes the rest", async () => {
  const receipt = await look();
  const { remove } = await plan(receipt);
  aws.proxy.faults.add({ service: "ec2", action: "DeleteVolume", kind: "access-denied" });
  aws.proxy.faults.add({ service: "ec2", action: "DeleteSnapshot", kind: "code", code: "InvalidSnapshot.InUse" });
  const some = remove.filter(({ kind }) => ["volume", "snapshot", "budget", "log-group"].includes(kind));
  const swept = await sweep({ scope: aws.dev, store, receipt, remove: some, interval: 200, deadline: 1_000 });
  const why = Object.fromEntries(swept.map((each) => [each.item.kind, each.gone ? "gone" : each.why]));
  expect(why).toEqual({
    volume: expect.stringMatching(/^Deleting vol-.* failed \(UnauthorizedOperation\)/),
    snapshot: expect.stringContaining("InvalidSnapshot.InUse"),
    budget: "gone",
    "log-group": "gone",
  });
});

it("removes everything that is ours, in an order that AWS accepts, and touches no other environment", async () => {
  const rest = { ...aws.direct, classic: aws.clients.classic };
  const others = await listAll(rest, "eu", other);
  aws.proxy.forget();
  // The load balancer's interfaces linger, so that the subnet cannot go at once.
  const before = await look();
  const { remove } = await plan(before);
  const swept = await sweep({ scope: aws.dev, store, receipt: before, remove, ...quick });
  const stuck = swept.flatMap((each) => (each.gone ? [] : [`${each.item.kind}: ${each.why}`]));
  expect(stuck).toEqual([expect.stringMatching(/^vpc: .*has dependencies.*DependencyViolation/)]);
  expect(await listAll(rest, "eu", other)).toEqual(others);

  // Whoever made the endpoint has to say whether it goes; it is remembered, though only the VPC tells of it.
  const saved = await readInventory(store, aws.dev);
  expect(saved?.resources.filter(({ by }) => by === "vpc").map(({ kind }) => kind)).toContain("vpc-endpoint");
  const left = (await look()).items.filter((item) => item.class === "billable" || item.class === "unknown");
  expect(left).toMatchObject([{ title: "VPC endpoint", by: "vpc" }]);
  const { VpcEndpoints = [] } = await aws.clients.ec2.describeVpcEndpoints({});
  const endpoint = VpcEndpoints.find(({ VpcEndpointId: id = "?" }) => left[0]?.id.endsWith(id))?.VpcEndpointId ?? "";
  await aws.clients.ec2.deleteVpcEndpoints({ VpcEndpointIds: [endpoint] });
  const again = await look();
  const finished = await sweep({ scope: aws.dev, store, receipt: again, remove: (await plan(again)).remove, ...quick });
  expect(finished).toMatchObject([{ item: { kind: "vpc" }, gone: true }]);

  const receipt = await look();
  expect(receipt.clean).toBe(true);
  const residual = receipt.items.filter((item) => item.class === "free-residual");
  expect(residual.filter((item) => item.why === undefined)).toEqual([]);
  expect(new Set(residual.map(({ title }) => title))).toEqual(
    new Set(["EC2 instance", "NAT gateway", "KMS key", "secret"]),
  );
  expect((await aws.direct.s3.listBuckets({})).Buckets?.map(({ Name }) => Name)).not.toContain("demo-dev-uploads");
});

it("leaves the images to another environment and to Terraform, and removes them when neither has them", async () => {
  const ofImages = { item: expect.objectContaining({ name: "demo/web" }) };
  const { leave } = await plan();
  expect(leave).toContainEqual({ ...ofImages, why: "The project's other environments use it: eu." });
  // Whatever else of it is there, an environment without a VPC and a state runs nothing.
  await aws.clients.ec2.deleteTags({ Resources: [other], Tags: marksOf(aws.eu) });
  await store.write("registry/terraform.tfstate", state("aws_ecr_repository"));
  expect((await plan()).leave).toContainEqual({ ...ofImages, why: "Terraform's state of the registry holds it." });
  await store.write("registry/terraform.tfstate", state());
  const receipt = await look();
  const { remove } = await plan(receipt);
  const swept = await sweep({ scope: aws.dev, store, receipt, remove, ...quick });
  expect(swept).toMatchObject([{ item: { kind: "repository" }, gone: true }]);
  expect((await aws.direct.ecr.describeRepositories({})).repositories).toEqual([]);
});

it("is done at once when it is done", async () => {
  aws.proxy.forget();
  const { remove } = await plan();
  expect(remove).toEqual([]);
  expect(mutations()).toEqual([]);
});
