import { ec2Kind } from "./ec2.ts";
import { keptBy, type Kind, tagOf } from "./resource.ts";

/** The VPC with what is in it, in the order in which it can be taken away. */
export const networkKinds: readonly Kind[] = [
  ec2Kind({
    name: "network-interface",
    type: "network-interface",
    traces: ["tags", "vpc", "cluster", "cni"],
    async list(sdk, client, { Filters, ids }) {
      const found = [];
      const input = { ...(Filters && { Filters }), ...(ids && { NetworkInterfaceIds: ids }) };
      for await (const page of sdk.paginateDescribeNetworkInterfaces({ client }, input))
        found.push(...(page.NetworkInterfaces ?? []));
      return found;
    },
    read: ({ NetworkInterfaceId: id = "", Status, InterfaceType, Description, Attachment, Association }) => ({
      id,
      billables: Association?.PublicIp ? [{ kind: "public-address", quantity: 1 }] : [],
      facts: {
        state: Status ?? "?",
        type: InterfaceType ?? "interface",
        ...(Description && { description: Description }),
        ...(Attachment?.InstanceId && { instance: Attachment.InstanceId }),
      },
    }),
    remove: (sdk, client, id) => client.send(new sdk.DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id })),
  }),
  ec2Kind({
    name: "vpc-endpoint",
    type: "vpc-endpoint",
    traces: ["tags", "vpc"],
    async list(sdk, client, { Filters, ids }) {
      const found = [];
      const input = { ...(Filters && { Filters }), ...(ids && { VpcEndpointIds: ids }) };
      for await (const page of sdk.paginateDescribeVpcEndpoints({ client }, input)) found.push(...(page.VpcEndpoints ?? []));
      return found;
    },
    read: ({ VpcEndpointId: id = "", State, VpcEndpointType, SubnetIds = [] }) =>
      /^deleted$/i.test(State ?? "")
        ? undefined
        : {
            id,
            // Billed in each zone; a gateway endpoint is free: https://aws.amazon.com/privatelink/pricing/
            billables: VpcEndpointType === "Interface" ? [{ kind: "vpc-endpoint", quantity: SubnetIds.length || 1 }] : [],
            facts: { state: State ?? "?", type: VpcEndpointType ?? "?" },
          },
    remove: (sdk, client, id) => client.send(new sdk.DeleteVpcEndpointsCommand({ VpcEndpointIds: [id] })),
  }),
  ec2Kind({
    name: "nat-gateway",
    type: "natgateway",
    traces: ["tags", "vpc"],
    async list(sdk, client, { Filters, ids }) {
      const found = [];
      const input = { ...(Filters && { Filter: Filters }), ...(ids && { NatGatewayIds: ids }) };
      for await (const page of sdk.paginateDescribeNatGateways({ client }, input)) found.push(...(page.NatGateways ?? []));
      return found;
    },
    // AWS shows one that is deleted for about an hour.
    read: ({ NatGatewayId: id = "", State }) =>
      State === "deleted" || State === "failed"
        ? undefined
        : {
            id,
            billables: [{ kind: "nat-gateway", quantity: 1 }],
            facts: { state: State ?? "?" },
          },
    remove: (sdk, client, id) => client.send(new sdk.DeleteNatGatewayCommand({ NatGatewayId: id })),
  }),
  ec2Kind({
    name: "address",
    type: "elastic-ip",
    traces: ["tags"],
    async list(sdk, client, { Filters, ids }) {
      const input = { ...(Filters && { Filters }), ...(ids && { AllocationIds: ids }) };
      return (await client.send(new sdk.DescribeAddressesCommand(input))).Addresses ?? [];
    },
    read: ({ AllocationId: id = "", PublicIp, AssociationId }) => ({
      id,
      billables: [{ kind: "public-address", quantity: 1 }],
      facts: { address: PublicIp ?? "?", state: AssociationId ? "in use" : "idle" },
    }),
    remove: (sdk, client, id) => client.send(new sdk.ReleaseAddressCommand({ AllocationId: id })),
  }),
  ec2Kind({
    name: "security-group",
    type: "security-group",
    traces: ["tags", "vpc", "cluster"],
    async list(sdk, client, { Filters, ids }) {
      const found = [];
      const input = { ...(Filters && { Filters }), ...(ids && { GroupIds: ids }) };
      for await (const page of sdk.paginateDescribeSecurityGroups({ client }, input))
        found.push(...(page.SecurityGroups ?? []));
      return found;
    },
    // The default one goes with its VPC, and cannot go before it.
    read: ({ GroupId: id = "", GroupName }) =>
      GroupName === "default" ? undefined : { id, billables: [], facts: { "group name": GroupName ?? "?" } },
    remove: (sdk, client, id) => client.send(new sdk.DeleteSecurityGroupCommand({ GroupId: id })),
  }),
  ec2Kind({
    name: "subnet",
    type: "subnet",
    traces: ["tags", "vpc"],
    async list(sdk, client, { Filters, ids }) {
      const found = [];
      const input = { ...(Filters && { Filters }), ...(ids && { SubnetIds: ids }) };
      for await (const page of sdk.paginateDescribeSubnets({ client }, input)) found.push(...(page.Subnets ?? []));
      return found;
    },
    read: ({ SubnetId: id = "", CidrBlock }) => ({ id, billables: [], facts: { cidr: CidrBlock ?? "?" } }),
    remove: (sdk, client, id) => client.send(new sdk.DeleteSubnetCommand({ SubnetId: id })),
  }),
  ec2Kind({
    name: "route-table",
    type: "route-table",
    traces: ["tags", "vpc"],
    async list(sdk, client, { Filters, ids }) {
      const found = [];
      const input = { ...(Filters && { Filters }), ...(ids && { RouteTableIds: ids }) };
      for await (const page of sdk.paginateDescribeRouteTables({ client }, input)) found.push(...(page.RouteTables ?? []));
      return found;
    },
    // The main one goes with its VPC.
    read: ({ RouteTableId: id = "", Associations = [] }) =>
      Associations.some(({ Main }) => Main) ? undefined : { id, billables: [], facts: {} },
    remove: (sdk, client, id) => client.send(new sdk.DeleteRouteTableCommand({ RouteTableId: id })),
  }),
  ec2Kind({
    name: "internet-gateway",
    type: "internet-gateway",
    traces: ["tags", "vpc"],
    vpcFilter: "attachment.vpc-id",
    async list(sdk, client, { Filters, ids }) {
      const found = [];
      const input = { ...(Filters && { Filters }), ...(ids && { InternetGatewayIds: ids }) };
      for await (const page of sdk.paginateDescribeInternetGateways({ client }, input))
        found.push(...(page.InternetGateways ?? []));
      return found;
    },
    read: ({ InternetGatewayId: id = "", Attachments = [] }) => ({
      id,
      billables: [],
      facts: { vpc: Attachments.flatMap(({ VpcId }) => VpcId ?? []).join(", ") || "none" },
    }),
    async remove(sdk, client, id) {
      const found = await client.send(new sdk.DescribeInternetGatewaysCommand({ InternetGatewayIds: [id] }));
      for (const { VpcId } of found.InternetGateways?.[0]?.Attachments ?? [])
        await client.send(new sdk.DetachInternetGatewayCommand({ InternetGatewayId: id, VpcId }));
      await client.send(new sdk.DeleteInternetGatewayCommand({ InternetGatewayId: id }));
    },
  }),
  ec2Kind({
    name: "vpc",
    type: "vpc",
    traces: ["tags", "vpc"],
    async list(sdk, client, { Filters, ids }) {
      const found = [];
      const input = { ...(Filters && { Filters }), ...(ids && { VpcIds: ids }) };
      for await (const page of sdk.paginateDescribeVpcs({ client }, input)) found.push(...(page.Vpcs ?? []));
      return found;
    },
    read: ({ VpcId: id = "", CidrBlock, Tags }) => ({
      id,
      billables: [],
      ...keptBy(Tags),
      facts: { cidr: CidrBlock ?? "?", called: tagOf(Tags, "Name") ?? "" },
    }),
    remove: (sdk, client, id) => client.send(new sdk.DeleteVpcCommand({ VpcId: id })),
  }),
];
