import type { EC2, SecurityGroup } from "@aws-sdk/client-ec2";
import { ec2Kind, pageSize } from "./ec2.ts";
import { isGuardDutys, tagsOf } from "./ownership.ts";
import { pages } from "./resource.ts";

/** VPCs; free, as are their parts below, each of which holds its VPC. */
export const vpcs = ec2Kind({
  name: "vpc",
  title: "VPC",
  type: "vpc",
  gone: ["InvalidVpcID.NotFound"],
  list: (ec2) => pages(ec2.paginateDescribeVpcs({}, { pageSize }), (page) => page.Vpcs),
  get: async (ec2, id) => (await ec2.describeVpcs({ VpcIds: [id] })).Vpcs,
  describe: ({ VpcId: id, CidrBlock: cidr = "?", Tags: tags, State: state = "?" }) => ({
    id,
    tags,
    vpc: id,
    facts: { state, cidr },
  }),
  remove: (ec2, VpcId) => ec2.deleteVpc({ VpcId }),
});

/** Subnets. */
export const subnets = ec2Kind({
  name: "subnet",
  title: "subnet",
  type: "subnet",
  gone: ["InvalidSubnetID.NotFound"],
  list: (ec2) => pages(ec2.paginateDescribeSubnets({}, { pageSize }), (page) => page.Subnets),
  get: async (ec2, id) => (await ec2.describeSubnets({ SubnetIds: [id] })).Subnets,
  describe: ({ SubnetId: id, CidrBlock: cidr = "?", AvailabilityZone: zone = "?", Tags: tags, VpcId: vpc }) => ({
    id,
    tags,
    vpc,
    facts: { cidr, zone },
  }),
  remove: (ec2, SubnetId) => ec2.deleteSubnet({ SubnetId }),
});

/** Internet gateways. */
export const internetGateways = ec2Kind({
  name: "internet-gateway",
  title: "internet gateway",
  type: "internet-gateway",
  gone: ["InvalidInternetGatewayID.NotFound"],
  list: (ec2) => pages(ec2.paginateDescribeInternetGateways({}, { pageSize }), (page) => page.InternetGateways),
  get: async (ec2, id) => (await ec2.describeInternetGateways({ InternetGatewayIds: [id] })).InternetGateways,
  describe({ InternetGatewayId: id, Attachments: attachments = [], Tags: tags }) {
    const vpc = attachments[0]?.VpcId;
    return { id, tags, vpc, facts: vpc ? { vpc } : {} };
  },
  async remove(ec2, InternetGatewayId, { facts: { vpc } }) {
    if (vpc) await ec2.detachInternetGateway({ InternetGatewayId, VpcId: String(vpc) });
    await ec2.deleteInternetGateway({ InternetGatewayId });
  },
});

/** Route tables, without a VPC's main one, which goes with it. */
export const routeTables = ec2Kind({
  name: "route-table",
  title: "route table",
  type: "route-table",
  gone: ["InvalidRouteTableID.NotFound"],
  list: (ec2) =>
    // The other list with a lower limit: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRouteTables.html
    pages(ec2.paginateDescribeRouteTables({}, { pageSize: 100 }), (page) =>
      page.RouteTables?.filter(({ Associations: all = [] }) => !all.some(({ Main: main }) => main)),
    ),
  get: async (ec2, id) => (await ec2.describeRouteTables({ RouteTableIds: [id] })).RouteTables,
  describe: ({ RouteTableId: id, Tags: tags, VpcId: vpc, Routes: routes = [] }) => ({
    id,
    tags,
    vpc,
    facts: { routes: routes.length },
  }),
  remove: (ec2, RouteTableId) => ec2.deleteRouteTable({ RouteTableId }),
});

/** Security groups, without a VPC's default one, which goes with it. */
export const securityGroups = ec2Kind({
  name: "security-group",
  title: "security group",
  type: "security-group",
  gone: ["InvalidGroup.NotFound"],
  list: (ec2) =>
    pages(ec2.paginateDescribeSecurityGroups({}, { pageSize }), (page) =>
      page.SecurityGroups?.filter(({ GroupName: name }) => name !== "default"),
    ),
  get: async (ec2, id) => (await ec2.describeSecurityGroups({ GroupIds: [id] })).SecurityGroups,
  describe: ({ GroupId: id, GroupName: name = "?", Tags: tags, VpcId: vpc, Description: description }) => ({
    id,
    tags,
    vpc,
    name: `${name} (${id ?? "?"})`,
    facts: {
      ...(description && { description }),
      ...(isGuardDutys(tagsOf(tags)) && { managed: "GuardDuty" }),
    },
  }),
  async remove(ec2, GroupId) {
    const { SecurityGroups: [group] = [] } = await ec2.describeSecurityGroups({ GroupIds: [GroupId] });
    if (group) await revokeReferences(ec2, group);
    await ec2.deleteSecurityGroup({ GroupId });
  },
});

/** Two groups whose rules name each other keep each other; this takes one group's half of that away. */
async function revokeReferences(ec2: EC2, group: SecurityGroup): Promise<void> {
  const { GroupId, IpPermissions: incoming = [], IpPermissionsEgress: outgoing = [] } = group;
  const naming = (rules: typeof incoming) => rules.filter(({ UserIdGroupPairs: named = [] }) => named.length > 0);
  const [inward, outward] = [naming(incoming), naming(outgoing)];
  if (inward.length > 0) await ec2.revokeSecurityGroupIngress({ GroupId, IpPermissions: inward });
  if (outward.length > 0) await ec2.revokeSecurityGroupEgress({ GroupId, IpPermissions: outward });
}
