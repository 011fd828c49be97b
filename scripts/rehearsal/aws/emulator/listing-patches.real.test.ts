import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EC2 } from "@aws-sdk/client-ec2";
import { ECR } from "@aws-sdk/client-ecr";
import { ElasticLoadBalancing } from "@aws-sdk/client-elastic-load-balancing";
import { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { ResourceGroupsTaggingAPI } from "@aws-sdk/client-resource-groups-tagging-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startEmulator } from "./emulator.ts";
import { startProxy } from "../proxy/proxy.ts";

const region = "us-east-1";
const parts = new AsyncDisposableStack();
/** Clients that reach the emulator through the proxy, and some that do not. */
let ec2: EC2;
let bareEc2: EC2;
let ecr: ECR;
let bareEcr: ECR;
let classic: ElasticLoadBalancing;
let elb: ElasticLoadBalancingV2;
let tagging: ResourceGroupsTaggingAPI;
let bareTagging: ResourceGroupsTaggingAPI;
let subnet: string;
let vpc: string;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-listing-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const emulator = parts.use(await startEmulator({ log: join(folder, "emulator.log") }));
  const proxy = parts.use(await startProxy({ upstream: emulator.endpoint }));
  const patched = { region, credentials: emulator.credentials, endpoint: proxy.endpoint };
  const bare = { ...patched, endpoint: emulator.endpoint };
  [ec2, bareEc2] = [new EC2(patched), new EC2(bare)];
  [ecr, bareEcr] = [new ECR(patched), new ECR(bare)];
  [tagging, bareTagging] = [new ResourceGroupsTaggingAPI(patched), new ResourceGroupsTaggingAPI(bare)];
  classic = new ElasticLoadBalancing(patched);
  elb = new ElasticLoadBalancingV2(patched);
  vpc = (await ec2.createVpc({ CidrBlock: "10.0.0.0/16" })).Vpc?.VpcId ?? "";
  subnet = (await ec2.createSubnet({ VpcId: vpc, CidrBlock: "10.0.0.0/24" })).Subnet?.SubnetId ?? "";
});
afterAll(() => parts.disposeAsync());

test("EC2's lists come in pages for whoever asks for pages, and whole for the others", async () => {
  const made: string[] = [];
  for (let count = 0; count < 120; count += 1) {
    const tags = [{ ResourceType: "volume" as const, Tags: [{ Key: "number", Value: String(count) }] }];
    const { VolumeId: id = "" } = await ec2.createVolume({
      AvailabilityZone: `${region}a`,
      Size: 1,
      TagSpecifications: tags,
    });
    made.push(id);
  }
  expect((await bareEc2.describeVolumes({ MaxResults: 1000 })).NextToken).toBeUndefined();
  const sizes: number[] = [];
  const found: string[] = [];
  for await (const { Volumes = [] } of ec2.paginateDescribeVolumes({}, { pageSize: 1000 })) {
    sizes.push(Volumes.length);
    for (const { VolumeId: id = "", Tags: tags } of Volumes) found.push(`${id} ${tags?.[0]?.Value ?? "?"}`);
  }
  expect(sizes).toEqual([50, 50, 20]);
  expect(found).toEqual(made.map((id, index) => `${id} ${String(index)}`));
  expect((await ec2.describeVolumes({})).Volumes?.length).toBe(120);
  const Filters = [{ Name: "tag:number", Values: ["7", "70"] }];
  expect((await ec2.describeVolumes({ Filters, MaxResults: 1000 })).Volumes?.length).toBe(2);
});

test("pages of interfaces are of those that pass the filters", async () => {
  for (let count = 0; count < 60; count += 1)
    await ec2.createNetworkInterface({ SubnetId: subnet, Description: "ours" });
  await ec2.createNetworkInterface({ SubnetId: subnet, Description: "theirs" });
  const sizes: number[] = [];
  const Filters = [{ Name: "description", Values: ["ours"] }];
  for await (const page of ec2.paginateDescribeNetworkInterfaces({ Filters }, { pageSize: 1000 }))
    sizes.push(page.NetworkInterfaces?.length ?? 0);
  expect(sizes).toEqual([50, 10]);
});

test("an id that there is not is an error, as in EC2, and one that there is is found", async () => {
  expect((await bareEc2.describeNetworkInterfaces({ NetworkInterfaceIds: ["eni-1"] })).NetworkInterfaces).toEqual([]);
  const missing: [() => Promise<unknown>, string][] = [
    [() => ec2.describeNetworkInterfaces({ NetworkInterfaceIds: ["eni-1"] }), "InvalidNetworkInterfaceID.NotFound"],
    [() => ec2.describeVpcEndpoints({ VpcEndpointIds: ["vpce-1"] }), "InvalidVpcEndpointId.NotFound"],
    [() => ec2.describeAddresses({ AllocationIds: ["eipalloc-1"] }), "InvalidAllocationID.NotFound"],
    [() => ec2.describeNatGateways({ NatGatewayIds: ["nat-1"] }), "NatGatewayNotFound"],
    [() => ec2.describeRouteTables({ RouteTableIds: ["rtb-1"] }), "InvalidRouteTableID.NotFound"],
    [() => ec2.describeLaunchTemplates({ LaunchTemplateIds: ["lt-1"] }), "InvalidLaunchTemplateId.NotFound"],
  ];
  for (const [ask, name] of missing) await expect(ask(), name).rejects.toMatchObject({ name });
  const { AllocationId: id = "" } = await ec2.allocateAddress({ Domain: "vpc" });
  expect((await ec2.describeAddresses({ AllocationIds: [id] })).Addresses).toMatchObject([{ AllocationId: id }]);
});

test("ECR's images come in pages", async () => {
  const repositoryName = "demo/web";
  await ecr.createRepository({ repositoryName });
  for (let count = 0; count < 70; count += 1)
    await ecr.putImage({ repositoryName, imageManifest: JSON.stringify({ count }), imageTag: String(count) });
  expect((await bareEcr.describeImages({ repositoryName })).imageDetails?.length).toBe(70);
  const first = await ecr.describeImages({ repositoryName });
  expect(first.imageDetails?.length).toBe(50);
  const second = await ecr.describeImages({ repositoryName, nextToken: first.nextToken });
  expect([second.imageDetails?.length, second.nextToken]).toEqual([20, undefined]);
  const ids = [...(first.imageDetails ?? []), ...(second.imageDetails ?? [])].map(({ imageDigest }) => imageDigest);
  expect(new Set(ids).size).toBe(70);
  const some = ids.slice(0, 60).map((imageDigest) => ({ imageDigest }));
  expect((await ecr.describeImages({ repositoryName, imageIds: some })).imageDetails?.length).toBe(60);
});

test("the index of tags knows EC2 and load balancers, page by page, and what is gone for a while", async () => {
  const Tags = [{ Key: "of", Value: "test" }];
  const TagFilters = [{ Key: "of", Values: ["test"] }];
  const ids: string[] = [];
  for (let count = 0; count < 55; count += 1) {
    const tagged = [{ ResourceType: "volume" as const, Tags }];
    ids.push(
      (await ec2.createVolume({ AvailabilityZone: `${region}a`, Size: 1, TagSpecifications: tagged })).VolumeId ?? "",
    );
  }
  await ec2.deleteVolume({ VolumeId: ids[0] });
  const { TargetGroups: [group] = [] } = await elb.createTargetGroup({
    Name: "to",
    Protocol: "TCP",
    Port: 80,
    VpcId: vpc,
    Tags,
  });
  expect((await bareTagging.getResources({ TagFilters })).ResourceTagMappingList).toEqual([]);
  const rows: string[] = [];
  for await (const page of tagging.paginateGetResources({ TagFilters }))
    rows.push(...(page.ResourceTagMappingList ?? []).map(({ ResourceARN: arn = "" }) => arn));
  const volumes = ids.map((id) => `arn:aws:ec2:${region}:000000000000:volume/${id}`);
  expect(rows.toSorted()).toEqual([...volumes, group?.TargetGroupArn].toSorted());
  const ResourceTypeFilters = ["elasticloadbalancing:targetgroup"];
  const narrowed = await tagging.getResources({ TagFilters, ResourceTypeFilters });
  expect(narrowed.ResourceTagMappingList).toHaveLength(1);
});

test("a load balancer of the first generation is made, tagged, listed and deleted along with those of the second", async () => {
  const Listeners = [{ Protocol: "TCP", LoadBalancerPort: 80, InstancePort: 80 }];
  const LoadBalancerNames = ["old"];
  await elb.createLoadBalancer({ Name: "new", Type: "network", Subnets: [subnet] });
  const { DNSName } = await classic.createLoadBalancer({ LoadBalancerName: "old", Listeners, Subnets: [subnet] });
  await classic.addTags({ LoadBalancerNames, Tags: [{ Key: "a", Value: "<1>" }] });
  const { LoadBalancerDescriptions: all = [] } = await classic.describeLoadBalancers({});
  expect(all).toMatchObject([{ LoadBalancerName: "old", DNSName, VPCId: vpc, Subnets: [subnet] }]);
  const { TagDescriptions } = await classic.describeTags({ LoadBalancerNames });
  expect(TagDescriptions).toMatchObject([{ LoadBalancerName: "old", Tags: [{ Key: "a", Value: "<1>" }] }]);
  expect((await elb.describeLoadBalancers({})).LoadBalancers?.map(({ LoadBalancerName }) => LoadBalancerName)).toEqual([
    "new",
  ]);
  await classic.deleteLoadBalancer({ LoadBalancerName: "old" });
  await expect(classic.describeLoadBalancers({ LoadBalancerNames })).rejects.toMatchObject({
    name: expect.stringMatching(/AccessPointNotFound|LoadBalancerNotFound/),
  });
});
