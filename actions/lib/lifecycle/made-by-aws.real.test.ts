import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { EC2, type ResourceType } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, it } from "vitest";
import { listAccount } from "../../../scripts/rehearsal/aws/account-listing.ts";
import { openTeardownWorld, type TeardownWorld } from "../../testing/teardown/teardown.ts";

/* What services of AWS make by themselves, where an environment comes up and goes down. */

let world: TeardownWorld;
let empty: string[];
beforeAll(async () => {
  world = await openTeardownWorld();
  empty = await listAccount(world.aws);
});
afterAll(() => world[Symbol.asyncDispose]());

const logGroupName = "/aws/eks/demo-dev/cluster";
const minutes = 300_000;

it("comes up where EKS has written the cluster's log group once more", { timeout: minutes }, async () => {
  // Through the proxy, which knows of a key that a group is given later.
  const logs = new CloudWatchLogs({ ...world.aws, endpoint: world.proxy.endpoint });
  await logs.createLogGroup({ logGroupName });
  await logs.createLogStream({ logGroupName, logStreamName: "kube-apiserver-1" });
  await world.up("environment", "dev");
  expect(world.told).toContainEqual(expect.stringContaining(`The log group ${logGroupName} exists already`));
  // What was in it stays, and it is as Terraform makes it.
  expect((await logs.describeLogStreams({ logGroupName })).logStreams).toHaveLength(1);
  const { logGroups: [group] = [] } = await logs.describeLogGroups({ logGroupNamePrefix: logGroupName });
  expect(group).toMatchObject({ retentionInDays: 30, kmsKeyId: expect.stringContaining(":key/") });
  const resourceArn = `arn:aws:logs:us-east-1:000000000000:log-group:${logGroupName}`;
  expect((await logs.listTagsForResource({ resourceArn })).tags).toMatchObject({ "slipway:environment": "dev" });
  logs.destroy();
});

/** The VPC of the environment, with what GuardDuty's runtime monitoring puts into it. */
async function monitor(ec2: EC2): Promise<string> {
  const { Vpcs: [vpc] = [] } = await ec2.describeVpcs({
    Filters: [{ Name: "tag:slipway:environment", Values: ["dev"] }],
  });
  const VpcId = vpc?.VpcId ?? "";
  const { Subnets = [] } = await ec2.describeSubnets({ Filters: [{ Name: "vpc-id", Values: [VpcId] }] });
  const tagged = (kind: ResourceType) => [{ ResourceType: kind, Tags: [{ Key: "GuardDutyManaged", Value: "true" }] }];
  const { GroupId = "" } = await ec2.createSecurityGroup({
    GroupName: `GuardDutyManagedSecurityGroup-${VpcId}`,
    Description: "Associated with VPC endpoint",
    VpcId,
    TagSpecifications: tagged("security-group"),
  });
  await ec2.createVpcEndpoint({
    VpcId,
    VpcEndpointType: "Interface",
    ServiceName: "com.amazonaws.us-east-1.guardduty-data",
    SecurityGroupIds: [GroupId],
    SubnetIds: Subnets.slice(0, 2).map(({ SubnetId = "" }) => SubnetId),
    TagSpecifications: tagged("vpc-endpoint"),
  });
  return GroupId;
}

it("takes GuardDuty's endpoint and group away before Terraform needs its subnets", { timeout: minutes }, async () => {
  const ec2 = new EC2(world.aws);
  await monitor(ec2);
  world.proxy.forget();
  const { receipt, error } = await world.down({ images: "delete" });
  expect(error).toBeUndefined();
  expect(receipt).toMatchObject({ clean: true, monthlyUsd: 0 });
  expect(await listAccount(world.aws)).toEqual(empty);
  const order = ["DeleteVpcEndpoints", "DeleteSecurityGroup", "DeleteSubnet", "DeleteVpc"].map((action) =>
    world.proxy.requests.findIndex((each) => each.action === action),
  );
  expect(order).not.toContain(-1);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  ec2.destroy();
});
