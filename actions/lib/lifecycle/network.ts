import type { EC2Client, Filter, NatGateway, Vpc } from "@aws-sdk/client-ec2";
import { networkDown } from "./down/network.ts";
import { observed, type StagePart, type LifecycleStage, type Trouble } from "./stage.ts";
import { type Environment } from "./environment.ts";
import { environmentTags, findVpcs } from "../resources/vpcs.ts";

/** The VPC, and its ways out. */
export const network: LifecycleStage = {
  name: "network",
  description: "the VPC with its subnets, NAT gateways and public addresses",
  comes: "with the cluster, by the same Terraform root",
  down: networkDown,
  async observe({ config, credentials, name }: Environment) {
    const { EC2Client } = await import("@aws-sdk/client-ec2");
    const client = new EC2Client({ region: config.aws.region, credentials, maxAttempts: 5 });
    try {
      const tags = environmentTags(config, name);
      const vpcs = await findVpcs(client, tags);
      const found = await Promise.all([
        ...vpcs.map((vpc) => describeVpc(client, vpc)),
        describeAddresses(client, vpcs, tags),
      ]);
      return observed(
        found.flatMap(({ parts }) => parts),
        found.flatMap(({ troubles }) => troubles),
      );
    } finally {
      client.destroy();
    }
  },
};

interface NetworkParts {
  parts: StagePart[];
  troubles: Trouble[];
}

async function describeVpc(client: EC2Client, vpc: Vpc): Promise<NetworkParts> {
  const { DescribeSubnetsCommand, paginateDescribeNatGateways } = await import("@aws-sdk/client-ec2");
  const id = vpc.VpcId ?? "";
  const Filters = [{ Name: "vpc-id", Values: [id] }];
  const { Subnets: subnets = [] } = await client.send(new DescribeSubnetsCommand({ Filters }));
  const gateways: NatGateway[] = [];
  for await (const page of paginateDescribeNatGateways({ client }, { Filter: Filters }))
    // AWS shows one that is deleted for about an hour.
    gateways.push(...(page.NatGateways ?? []).filter(({ State }) => State !== "deleted"));
  const zones = new Set(subnets.map(({ AvailabilityZone: zone }) => zone));
  return {
    parts: [
      { name: id, facts: { is: "VPC", cidr: vpc.CidrBlock ?? "?", subnets: subnets.length, zones: zones.size } },
      ...gateways.map((gateway) => natPart(gateway)),
    ],
    troubles: [
      vpc.State === "pending" ? { changing: `${id} is being made` } : {},
      ...gateways.map((gateway) => natTrouble(gateway)),
    ],
  };
}

function natPart({ NatGatewayId: id = "", State: state, CreateTime: made }: NatGateway): StagePart {
  const billed = state === "available";
  return {
    name: id,
    facts: { is: "NAT gateway", state: state ?? "?" },
    ...(billed && { billables: [{ kind: "nat-gateway" as const, quantity: 1 }] }),
    ...(billed && made && { since: made.toISOString() }),
  };
}

function natTrouble({ NatGatewayId: id, State: state, FailureMessage: why }: NatGateway): Trouble {
  if (state === "failed") return { broken: `${id}: ${why ?? "failed"}` };
  return state === "available" ? {} : { changing: `${id} is ${state}` };
}

/** Public addresses are billed wherever they are: of gateways, load balancers and nodes, and those that nothing uses. */
async function describeAddresses(client: EC2Client, vpcs: readonly Vpc[], tags: Filter[]): Promise<NetworkParts> {
  const { DescribeAddressesCommand, paginateDescribeNetworkInterfaces } = await import("@aws-sdk/client-ec2");
  const { Addresses: reserved = [] } = await client.send(new DescribeAddressesCommand({ Filters: tags }));
  const addresses = new Set(reserved.flatMap(({ PublicIp: address }) => address ?? []));
  const Filters = [{ Name: "vpc-id", Values: vpcs.flatMap(({ VpcId: id }) => id ?? []) }];
  if (vpcs.length > 0)
    for await (const page of paginateDescribeNetworkInterfaces({ client }, { Filters }))
      for (const { Association: association } of page.NetworkInterfaces ?? [])
        if (association?.PublicIp) addresses.add(association.PublicIp);
  if (addresses.size === 0) return { parts: [], troubles: [] };
  const billables = [{ kind: "public-address" as const, quantity: addresses.size }];
  return { parts: [{ name: "public addresses", facts: { count: addresses.size }, billables }], troubles: [] };
}
