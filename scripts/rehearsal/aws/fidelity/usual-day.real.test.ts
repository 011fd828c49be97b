import { afterAll, beforeAll, expect, test } from "vitest";
import { type AccountClients, openAccount, type TestAccount } from "./test-account.ts";

let account: TestAccount;
let root: AccountClients;

beforeAll(async () => {
  account = await openAccount("usual");
  root = account.clients();
});
afterAll(() => account[Symbol.asyncDispose]());

const allow = (Action: string, Condition?: object) => ({
  Sid: "Test",
  Effect: "Allow",
  Action,
  Resource: "*",
  ...(Condition && { Condition }),
});
const roleArn = () => `arn:aws:iam::${account.id}:role/any`;
const violation = { name: "DependencyViolation" };

/** A VPC with a subnet. */
async function network(CidrBlock: string) {
  const { Vpc } = await root.ec2.createVpc({ CidrBlock });
  const VpcId = Vpc?.VpcId ?? "";
  const { Subnet } = await root.ec2.createSubnet({ VpcId, CidrBlock });
  return { VpcId, SubnetId: Subnet?.SubnetId ?? "" };
}

test("EKS looks for its role in the caller's name, and tries the launch template in it", async () => {
  const { VpcId, SubnetId } = await network("10.1.0.0/24");
  const { LaunchTemplate } = await root.ec2.createLaunchTemplate({ LaunchTemplateName: "t", LaunchTemplateData: {} });
  const launchTemplateId = LaunchTemplate?.LaunchTemplateId ?? "";
  await root.eks.createCluster({ name: "named", roleArn: roleArn(), resourcesVpcConfig: { subnetIds: [SubnetId] } });
  const { eks } = account.clients(await account.takeOn("maker", [allow("eks:*")]));
  const make = (nodegroupName: string) =>
    eks.createNodegroup({
      clusterName: "named",
      nodegroupName,
      nodeRole: roleArn(),
      subnets: [SubnetId],
      launchTemplate: { id: launchTemplateId },
    });
  const name = "AccessDeniedException";
  await expect(make("a")).rejects.toMatchObject({ name, message: expect.stringContaining("iam:GetRole") as string });
  await account.allow("maker", [allow("iam:GetRole")]);
  const refused = { name: "InvalidRequestException", message: expect.stringContaining("ec2:RunInstances") as string };
  await expect(make("a")).rejects.toMatchObject(refused);
  const tagged = { StringEquals: { "aws:ResourceTag/slipway:project": "demo" } };
  const rights = [allow("iam:GetRole"), allow("ec2:RunInstances", tagged), allow("ec2:CreateTags")];
  const parts = ["image", "instance", "network-interface", "security-group", "volume"];
  const untagged = { ...allow("ec2:RunInstances"), Resource: parts.map((kind) => `arn:aws:ec2:*:*:${kind}/*`) };
  await account.allow("maker", [...rights, untagged]);
  await expect(make("a"), "the subnet has no tags").rejects.toMatchObject(refused);
  const Tags = [{ Key: "slipway:project", Value: "demo" }];
  await root.ec2.createTags({ Resources: [SubnetId, launchTemplateId], Tags });
  await make("a");
  await root.eks.deleteNodegroup({ clusterName: "named", nodegroupName: "a" });
  await expect(root.ec2.deleteSubnet({ SubnetId }), "the cluster is in it").rejects.toMatchObject(violation);
  await root.eks.deleteCluster({ name: "named" });
  await root.ec2.deleteSubnet({ SubnetId });
  await root.ec2.deleteVpc({ VpcId });
});

test("whoever tags what is being made needs the right to, for this operation and these tags", async () => {
  const right = (action: string) =>
    allow("ec2:CreateTags", {
      StringEquals: { "ec2:CreateAction": action, "aws:RequestTag/slipway:project": "demo" },
    });
  const { ec2 } = account.clients(await account.takeOn("tagger", [allow("ec2:CreateVpc"), right("CreateSubnet")]));
  const make = (Value: string) =>
    ec2.createVpc({
      CidrBlock: "10.2.0.0/24",
      TagSpecifications: [{ ResourceType: "vpc", Tags: [{ Key: "slipway:project", Value }] }],
    });
  const refused = {
    name: "UnauthorizedOperation",
    message: expect.stringContaining("ec2:CreateTags") as string,
  };
  await expect(make("demo")).rejects.toMatchObject(refused);
  await account.allow("tagger", [right("CreateVpc")]);
  await expect(make("other")).rejects.toMatchObject(refused);
  const { Vpc } = await make("demo");
  await ec2.deleteVpc({ VpcId: Vpc?.VpcId });
  const { Vpc: plain } = await ec2.createVpc({ CidrBlock: "10.2.0.0/24" });
  await ec2.deleteVpc({ VpcId: plain?.VpcId });
});

test("what something is in, or refers to, is not deleted", async () => {
  const { ec2 } = root;
  const { VpcId, SubnetId } = await network("10.3.0.0/24");
  const gateway = (await ec2.createInternetGateway({})).InternetGateway?.InternetGatewayId ?? "";
  await ec2.attachInternetGateway({ InternetGatewayId: gateway, VpcId });
  await expect(ec2.deleteInternetGateway({ InternetGatewayId: gateway })).rejects.toMatchObject(violation);
  const { AllocationId } = await ec2.allocateAddress({ Domain: "vpc" });
  const { NatGateway } = await ec2.createNatGateway({ SubnetId, AllocationId });
  await expect(ec2.deleteSubnet({ SubnetId })).rejects.toMatchObject(violation);
  const detach = () => ec2.detachInternetGateway({ InternetGatewayId: gateway, VpcId });
  await expect(detach()).rejects.toMatchObject({ ...violation, message: expect.stringContaining("mapped") as string });
  await ec2.deleteNatGateway({ NatGatewayId: NatGateway?.NatGatewayId });
  await detach();
  await ec2.deleteInternetGateway({ InternetGatewayId: gateway });

  const RouteTableId = (await ec2.createRouteTable({ VpcId })).RouteTable?.RouteTableId ?? "";
  const { AssociationId } = await ec2.associateRouteTable({ RouteTableId, SubnetId });
  await expect(ec2.deleteRouteTable({ RouteTableId })).rejects.toMatchObject(violation);
  await ec2.disassociateRouteTable({ AssociationId });

  const group = async (GroupName: string) =>
    (await ec2.createSecurityGroup({ GroupName, Description: GroupName, VpcId })).GroupId ?? "";
  const [one, other] = [await group("one"), await group("other")];
  await ec2.authorizeSecurityGroupIngress({
    GroupId: other,
    IpPermissions: [{ IpProtocol: "-1", UserIdGroupPairs: [{ GroupId: one }] }],
  });
  await expect(ec2.deleteSecurityGroup({ GroupId: one })).rejects.toMatchObject(violation);
  for (const GroupId of [other, one]) await ec2.deleteSecurityGroup({ GroupId });

  await ec2.deleteSubnet({ SubnetId });
  await expect(ec2.deleteVpc({ VpcId }), "its route table is there").rejects.toMatchObject(violation);
  await ec2.deleteRouteTable({ RouteTableId });
  await ec2.deleteVpc({ VpcId });
  expect(account.proxy.day.hits.dependency).toEqual({ "SDK for JavaScript": expect.any(Number) as number });
});

test("a node group for which the quota is too small fails, and says so in its health", async () => {
  const { eks } = root;
  const clusterName = "quota";
  await eks.createCluster({ name: clusterName, roleArn: roleArn(), resourcesVpcConfig: {} });
  const make = (nodegroupName: string, desiredSize: number) =>
    eks.createNodegroup({
      clusterName,
      nodegroupName,
      nodeRole: roleArn(),
      subnets: [],
      instanceTypes: ["t3.large"],
      scalingConfig: { minSize: 1, desiredSize, maxSize: 3 },
    });
  const look = async (nodegroupName: string) => (await eks.describeNodegroup({ clusterName, nodegroupName })).nodegroup;
  account.proxy.facts.quotas.set("L-1216C47A", 5);
  await make("fits", 2);
  expect((await look("fits"))?.status).toBe("ACTIVE");
  expect((await make("more", 1)).nodegroup?.status).toBe("CREATING");
  expect(await look("more")).toMatchObject({
    status: "CREATE_FAILED",
    health: {
      issues: [
        {
          code: "AsgInstanceLaunchFailures",
          message: expect.stringMatching(/VcpuLimitExceeded.*vCPU limit of 5/) as string,
        },
      ],
    },
  });
  await eks.deleteNodegroup({ clusterName, nodegroupName: "more" });
  account.proxy.facts.quotas.set("L-1216C47A", 6);
  await make("more", 1);
  expect((await look("more"))?.status).toBe("ACTIVE");
});

test("nothing of a bad day is played", async () => {
  const { ec2, iam, eks } = account.clients(undefined, 1);
  const { Vpc } = await ec2.createVpc({ CidrBlock: "10.4.0.0/24" });
  expect((await ec2.describeVpcs({ VpcIds: [Vpc?.VpcId ?? ""] })).Vpcs).toHaveLength(1);
  await iam.createRole({ RoleName: "fresh", AssumeRolePolicyDocument: "{}" });
  await iam.getRole({ RoleName: "fresh" });
  await Promise.all(Array.from({ length: 30 }, () => eks.listClusters({})));
});
