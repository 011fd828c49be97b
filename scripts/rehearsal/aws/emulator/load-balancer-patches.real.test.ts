import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EC2 } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startEmulator } from "./emulator.ts";
import { startProxy } from "../proxy/proxy.ts";

const parts = new AsyncDisposableStack();
const zones = ["eu-central-1a", "eu-central-1b"];
let ec2: EC2;
let elb: ElasticLoadBalancingV2;
let vpc: string;
let gateway: string;
let subnets: string[];

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-patches-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const emulator = parts.use(await startEmulator({ log: join(folder, "emulator.log"), auth: true }));
  const proxy = parts.use(await startProxy({ upstream: emulator.endpoint }));
  const settings = { region: "eu-central-1", credentials: emulator.credentials, endpoint: proxy.endpoint };
  ec2 = new EC2(settings);
  elb = new ElasticLoadBalancingV2(settings);

  vpc = (await ec2.createVpc({ CidrBlock: "10.0.0.0/16" })).Vpc?.VpcId ?? "";
  gateway = (await ec2.createInternetGateway({})).InternetGateway?.InternetGatewayId ?? "";
  await ec2.attachInternetGateway({ InternetGatewayId: gateway, VpcId: vpc });
  subnets = [];
  for (const [index, AvailabilityZone] of zones.entries()) {
    const made = await ec2.createSubnet({ VpcId: vpc, CidrBlock: `10.0.${String(index)}.0/24`, AvailabilityZone });
    subnets.push(made.Subnet?.SubnetId ?? "");
  }
});
afterAll(() => parts.disposeAsync());

const interfaces = async (filters: Record<string, string[]>) =>
  (
    await ec2.describeNetworkInterfaces({
      Filters: Object.entries(filters).map(([Name, Values]) => ({ Name, Values })),
    })
  ).NetworkInterfaces ?? [];

/** Whether something becomes true within five seconds. */
async function soon(check: () => Promise<boolean>): Promise<boolean> {
  for (let waited = 0; waited < 5_000; waited += 100) {
    if (await check()) return true;
    await sleep(100);
  }
  return false;
}

test("a load balancer's interfaces keep its subnets and its gateway, and go a moment after it", async () => {
  const other = await ec2.createNetworkInterface({ SubnetId: subnets[0], Description: "leaked" });
  const { LoadBalancers } = await elb.createLoadBalancer({ Name: "web", Type: "network", Subnets: subnets });
  const [made] = LoadBalancers ?? [];
  expect(made).toMatchObject({
    VpcId: vpc,
    AvailabilityZones: zones.map((ZoneName, index) => ({ ZoneName, SubnetId: subnets[index] })),
  });
  const arn = made?.LoadBalancerArn ?? "";
  const description = `ELB net/web/${arn.split("/").pop() ?? ""}`;

  const found = await interfaces({ description: ["ELB net/web/*"], "vpc-id": [vpc] });
  expect(found.map(({ SubnetId }) => SubnetId)).toEqual(subnets);
  expect(found[0]).toMatchObject({
    Description: description,
    Status: "in-use",
    RequesterManaged: true,
    RequesterId: "amazon-elb",
    InterfaceType: "network_load_balancer",
    Attachment: { InstanceOwnerId: "amazon-aws", Status: "attached", DeleteOnTermination: false },
    Association: { PublicIp: expect.stringMatching(/^198\.18\.\d+\.\d+$/), IpOwnerId: "amazon" },
  });
  expect(new Set(found.map(({ Association }) => Association?.PublicIp)).size).toBe(2);
  expect(await interfaces({ "subnet-id": [subnets[1] ?? ""] })).toHaveLength(1);
  expect(await interfaces({ status: ["available"] })).toMatchObject([{ Description: "leaked" }]);
  expect(await interfaces({ "attachment.status": ["attached"] })).toHaveLength(2);
  expect(await interfaces({ "vpc-id": ["vpc-other"] })).toEqual([]);
  expect(await interfaces({})).toHaveLength(3);

  const id = found[0]?.NetworkInterfaceId;
  await expect(ec2.deleteNetworkInterface({ NetworkInterfaceId: id })).rejects.toThrow("currently in use");
  const attachment = found[0]?.Attachment?.AttachmentId;
  await expect(ec2.detachNetworkInterface({ AttachmentId: attachment })).rejects.toMatchObject({
    name: "OperationNotPermitted",
  });
  const deleteSubnet = () => ec2.deleteSubnet({ SubnetId: subnets[1] });
  const detachGateway = () => ec2.detachInternetGateway({ InternetGatewayId: gateway, VpcId: vpc });
  await expect(deleteSubnet()).rejects.toMatchObject({ name: "DependencyViolation" });
  await expect(detachGateway()).rejects.toMatchObject({ name: "DependencyViolation" });

  await elb.deleteLoadBalancer({ LoadBalancerArn: arn });
  expect((await elb.describeLoadBalancers({})).LoadBalancers).toEqual([]);
  await expect(deleteSubnet()).rejects.toMatchObject({ name: "DependencyViolation" });
  expect(await soon(async () => (await interfaces({ description: [description] })).length === 0)).toBe(true);
  await deleteSubnet();
  await detachGateway();
  await expect(ec2.deleteSubnet({ SubnetId: subnets[0] })).rejects.toMatchObject({ name: "DependencyViolation" });
  await ec2.deleteNetworkInterface({ NetworkInterfaceId: other.NetworkInterface?.NetworkInterfaceId });
  await ec2.deleteSubnet({ SubnetId: subnets[0] });
});

test("an internal load balancer has no public addresses", async () => {
  const { Subnet } = await ec2.createSubnet({ VpcId: vpc, CidrBlock: "10.0.9.0/24", AvailabilityZone: zones[0] });
  const Subnets = [Subnet?.SubnetId ?? ""];
  const { LoadBalancers } = await elb.createLoadBalancer({ Name: "in", Type: "network", Scheme: "internal", Subnets });
  const [found] = await interfaces({ description: ["ELB net/in/*"] });
  expect(found).toMatchObject({ RequesterManaged: true });
  expect(found?.Association).toBeUndefined();
  await elb.deleteLoadBalancer({ LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn });
  expect(await soon(async () => (await interfaces({ description: ["ELB net/in/*"] })).length === 0)).toBe(true);
});

test("a target group stays while a listener forwards to it, and listeners go with their load balancer", async () => {
  const group = await elb.createTargetGroup({ Name: "web", Protocol: "TCP", Port: 30080, VpcId: vpc });
  const TargetGroupArn = group.TargetGroups?.[0]?.TargetGroupArn;
  const { LoadBalancers } = await elb.createLoadBalancer({ Name: "again", Type: "network", Subnets: [] });
  const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn;
  await elb.createListener({
    LoadBalancerArn,
    Protocol: "TCP",
    Port: 80,
    DefaultActions: [{ Type: "forward", TargetGroupArn }],
  });
  await expect(elb.deleteTargetGroup({ TargetGroupArn })).rejects.toMatchObject({ name: "ResourceInUseException" });
  await elb.deleteLoadBalancer({ LoadBalancerArn });
  expect((await elb.describeListeners({ LoadBalancerArn })).Listeners).toEqual([]);
  await elb.deleteTargetGroup({ TargetGroupArn });
});
