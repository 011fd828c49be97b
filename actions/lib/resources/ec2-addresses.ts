import type { EC2, NetworkInterface } from "@aws-sdk/client-ec2";
import { ec2Kind, pageSize } from "./ec2.ts";
import { isGuardDutys, tagsOf } from "./ownership.ts";
import { pages } from "./resource.ts";

/** Network interfaces: what has addresses in a subnet, and holds it. */
export const interfaces = ec2Kind({
  name: "network-interface",
  title: "network interface",
  type: "network-interface",
  gone: ["InvalidNetworkInterfaceID.NotFound"],
  list: (ec2) => pages(ec2.paginateDescribeNetworkInterfaces({}, { pageSize }), (page) => page.NetworkInterfaces),
  get: async (ec2, id) => (await ec2.describeNetworkInterfaces({ NetworkInterfaceIds: [id] })).NetworkInterfaces,
  describe: (found, { account }) => ({
    id: found.NetworkInterfaceId,
    tags: found.TagSet,
    vpc: found.VpcId,
    facts: interfaceFacts(found),
    // A public address that AWS lent; one that the account owns is a resource of its own.
    billables:
      found.Association?.PublicIp && found.Association.IpOwnerId !== account
        ? [{ kind: "public-address", quantity: 1 }]
        : [],
  }),
  // Those of a load balancer or a NAT gateway are AWS's to delete, and go with it.
  remove: async (ec2, NetworkInterfaceId, { facts }) =>
    facts.managed === undefined ? ec2.deleteNetworkInterface({ NetworkInterfaceId }) : undefined,
});

function interfaceFacts(found: NetworkInterface): Record<string, string> {
  const { Status: state = "?", Description: description, Attachment: attachment, RequesterManaged: managed } = found;
  return {
    state,
    ...(description && { description }),
    ...(attachment?.InstanceId && { attached: attachment.InstanceId }),
    ...(managed && { managed: found.RequesterId ?? "AWS" }),
    ...(found.Association?.PublicIp && { address: found.Association.PublicIp }),
  };
}

/** Elastic IP addresses: billed, whether something uses them or not. */
export const addresses = ec2Kind({
  name: "address",
  title: "Elastic IP address",
  type: "elastic-ip",
  gone: ["InvalidAllocationID.NotFound"],
  list: async function* (ec2: EC2) {
    yield (await ec2.describeAddresses({})).Addresses ?? []; // AWS gives all of them at once
  },
  get: async (ec2, id) => (await ec2.describeAddresses({ AllocationIds: [id] })).Addresses,
  describe: ({ AllocationId: id, PublicIp: address = "?", Tags: tags, AssociationId: association, ...used }) => ({
    id,
    tags,
    facts: {
      address,
      state: association ? "in use" : "idle",
      ...(used.NetworkInterfaceId && { interface: used.NetworkInterfaceId }),
    },
    billables: [{ kind: "public-address", quantity: 1 }],
  }),
  remove: (ec2, AllocationId) => ec2.releaseAddress({ AllocationId }),
});

/** NAT gateways. */
export const natGateways = ec2Kind({
  name: "nat-gateway",
  title: "NAT gateway",
  type: "natgateway",
  gone: ["NatGatewayNotFound"],
  list: (ec2) => pages(ec2.paginateDescribeNatGateways({}, { pageSize }), (page) => page.NatGateways),
  get: async (ec2, id) => (await ec2.describeNatGateways({ NatGatewayIds: [id] })).NatGateways,
  describe({ NatGatewayId: id, State: state = "pending", Tags: tags, VpcId: vpc, CreateTime: created }) {
    const over = state === "deleted" || state === "failed";
    return {
      id,
      tags,
      vpc,
      facts: { state, ...(created && { created: created.toISOString() }) },
      billables: over ? [] : [{ kind: "nat-gateway", quantity: 1 }],
      ...(over && { residual: `It is ${state}; EC2 shows it for about an hour.` }),
    };
  },
  remove: (ec2, NatGatewayId) => ec2.deleteNatGateway({ NatGatewayId }),
});

/** VPC endpoints: those with interfaces are billed for each zone; those in route tables, and GuardDuty's, are free. */
export const endpoints = ec2Kind({
  name: "vpc-endpoint",
  title: "VPC endpoint",
  type: "vpc-endpoint",
  gone: ["InvalidVpcEndpointId.NotFound"],
  list: (ec2) => pages(ec2.paginateDescribeVpcEndpoints({}, { pageSize }), (page) => page.VpcEndpoints),
  get: async (ec2, id) => (await ec2.describeVpcEndpoints({ VpcEndpointIds: [id] })).VpcEndpoints,
  describe({
    VpcEndpointId: id,
    VpcEndpointType: type = "?",
    State: state = "?",
    Tags: tags,
    VpcId: vpc,
    ...endpoint
  }) {
    const gone = state.toLowerCase() === "deleted";
    const zones = Math.max(1, endpoint.SubnetIds?.length ?? 0);
    const guardDuty = isGuardDutys(tagsOf(tags));
    return {
      id,
      tags,
      vpc,
      facts: { state, type, service: endpoint.ServiceName ?? "?", ...(guardDuty && { managed: "GuardDuty" }) },
      // "There is no additional cost": https://docs.aws.amazon.com/guardduty/latest/ug/runtime-monitoring-agent-connectivity.html
      billables: type === "Gateway" || guardDuty || gone ? [] : [{ kind: "vpc-endpoint", quantity: zones }],
      ...(gone && { residual: "It is deleted; EC2 shows it for a while." }),
    };
  },
  async remove(ec2, id) {
    // A failure is reported inside of an answer that is not an error.
    const { Unsuccessful: failed = [] } = await ec2.deleteVpcEndpoints({ VpcEndpointIds: [id] });
    const { Code: code, Message: message } = failed[0]?.Error ?? {};
    if (failed.length > 0) throw Object.assign(new Error(message ?? id), { name: code ?? "Unsuccessful" });
  },
});
