import { EKS } from "@aws-sdk/client-eks";
import type { EC2 } from "@aws-sdk/client-ec2";
import type { AwsError } from "../proxy/aws-errors.ts";
import { rootCredentials } from "../emulator/emulator.ts";
import type { NetworkInterfaces } from "../emulator/network-interfaces.ts";
import type { AwsRequest, EmulatorPatch } from "../emulator/patch.ts";
import type { AwsDay } from "./day.ts";

/** On a bad day a subnet of a deleted cluster is held for so long after it is to go first, in milliseconds. */
const lingering = 10_000;

type FindHolder = (ec2: EC2, id: string) => Promise<string | undefined>;

const violation = (message: string): AwsError => ({ code: "DependencyViolation", message, status: 400 });

/**
 * What EC2 does not delete while something is in it or refers to it; the emulator checks subnets, groups and gateways of a
 * VPC alone. Each gives what the thing still has.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 * https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html
 */
const holders: Readonly<Record<string, { parameter: string; held: FindHolder; says: (id: string) => string }>> = {
  DeleteVpc: {
    parameter: "VpcId",
    async held(ec2, id) {
      const { RouteTables = [] } = await ec2.describeRouteTables({ Filters: [{ Name: "vpc-id", Values: [id] }] });
      const other = RouteTables.find(
        ({ VpcId, Associations = [] }) => VpcId === id && !Associations.some(({ Main }) => Main),
      );
      return other?.RouteTableId;
    },
    says: (id) => `The vpc '${id}' has dependencies and cannot be deleted.`,
  },
  DeleteSubnet: {
    parameter: "SubnetId",
    held: (ec2, id) => natGateway(ec2, ({ SubnetId }) => SubnetId === id),
    says: (id) => `The subnet '${id}' has dependencies and cannot be deleted.`,
  },
  DeleteRouteTable: {
    parameter: "RouteTableId",
    async held(ec2, id) {
      const { RouteTables = [] } = await ec2.describeRouteTables({ RouteTableIds: [id] });
      const { Associations = [] } = RouteTables.find(({ RouteTableId }) => RouteTableId === id) ?? {};
      return Associations.find(({ SubnetId }) => SubnetId !== undefined)?.SubnetId;
    },
    says: (id) => `The routeTable '${id}' has dependencies and cannot be deleted.`,
  },
  DeleteInternetGateway: {
    parameter: "InternetGatewayId",
    async held(ec2, id) {
      const { InternetGateways = [] } = await ec2.describeInternetGateways({ InternetGatewayIds: [id] });
      return InternetGateways[0]?.Attachments?.[0]?.VpcId;
    },
    says: (id) => `The internetGateway '${id}' has dependencies and cannot be deleted.`,
  },
  DetachInternetGateway: {
    parameter: "VpcId",
    held: (ec2, id) => natGateway(ec2, ({ VpcId }) => VpcId === id),
    says: (id) =>
      `Network ${id} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
  },
  DeleteSecurityGroup: {
    parameter: "GroupId",
    async held(ec2, id) {
      const [{ SecurityGroups = [] }, { NetworkInterfaces = [] }] = await Promise.all([
        ec2.describeSecurityGroups({}),
        ec2.describeNetworkInterfaces({}),
      ]);
      const user = NetworkInterfaces.find(({ Groups }) => Groups?.some(({ GroupId }) => GroupId === id));
      const referring = SecurityGroups.filter(({ GroupId }) => GroupId !== id).find(
        ({ IpPermissions = [], IpPermissionsEgress = [] }) =>
          [...IpPermissions, ...IpPermissionsEgress].some(({ UserIdGroupPairs }) =>
            UserIdGroupPairs?.some(({ GroupId }) => GroupId === id),
          ),
      );
      return user?.NetworkInterfaceId ?? referring?.GroupId;
    },
    says: (id) => `resource ${id} has a dependent object`,
  },
};

/** A NAT gateway that is there: it has an interface and a public address. */
async function natGateway(
  ec2: EC2,
  wanted: (gateway: { VpcId?: string | undefined; SubnetId?: string | undefined }) => boolean,
): Promise<string | undefined> {
  const { NatGateways = [] } = await ec2.describeNatGateways({});
  return NatGateways.find((one) => one.State !== "deleted" && wanted(one))?.NatGatewayId;
}

/** EC2 keeps what something is in or refers to. @param upstream the emulator's address */
export function dependencies(upstream: string, interfaces: NetworkInterfaces, day: AwsDay): readonly EmulatorPatch[] {
  const clusters = new ClusterInterfaces(upstream, day);
  const actions = Object.keys(holders).map((action) => `ec2:${action}`);
  return [
    {
      name: "ec2-dependency-violation",
      operations: actions,
      async refuse(request: AwsRequest) {
        const { action, region } = request.operation;
        const { parameter = "", held, says } = holders[action] ?? {};
        const id = new URLSearchParams(request.body).get(parameter) ?? "";
        const found =
          (await held?.(interfaces.emulator(region), id)) ??
          (action === "DeleteSubnet" ? await clusters.in(region, id) : undefined);
        if (found === undefined) return undefined;
        day.hit("dependency", request);
        return violation(says?.(id) ?? "");
      },
      // The emulator's own refusals count as well.
      rewrite(exchange) {
        if (exchange.answer.body.toString().includes("DependencyViolation")) day.hit("dependency", exchange);
        return undefined;
      },
    },
    clusters.lingering(),
  ];
}

/**
 * The interfaces of control planes. They are in the subnets while the cluster is there, and on a bad day a while longer.
 * https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
 */
class ClusterInterfaces {
  readonly #upstream: string;
  readonly #day: AwsDay;
  /** Until when subnets of deleted clusters are held; undefined until somebody wants one to go. */
  readonly #released = new Map<string, number | undefined>();

  constructor(upstream: string, day: AwsDay) {
    this.#upstream = upstream;
    this.#day = day;
  }

  /** The cluster that has an interface in a subnet. */
  async in(region: string, subnet: string): Promise<string | undefined> {
    if (this.#released.has(subnet)) {
      const until = this.#released.get(subnet) ?? Date.now() + lingering;
      this.#released.set(subnet, until);
      if (Date.now() < until) return "a deleted cluster";
    }
    for (const [name, subnets] of await this.#clusters(region)) if (subnets.includes(subnet)) return name;
    return undefined;
  }

  lingering(): EmulatorPatch {
    return {
      name: "eks-lingering-interfaces",
      operations: ["eks:DeleteCluster"],
      rewrite: ({ answer }) => {
        if (answer.status >= 300 || !this.#day.bad) return undefined;
        const { cluster } = JSON.parse(answer.body.toString()) as {
          cluster?: { resourcesVpcConfig?: { subnetIds?: string[] } };
        };
        for (const subnet of cluster?.resourcesVpcConfig?.subnetIds ?? []) this.#released.set(subnet, undefined);
        return undefined;
      },
    };
  }

  async #clusters(region: string): Promise<[string, string[]][]> {
    const eks = new EKS({ endpoint: this.#upstream, region, credentials: rootCredentials });
    try {
      const { clusters = [] } = await eks.listClusters({});
      return await Promise.all(
        clusters.map(async (name): Promise<[string, string[]]> => {
          const { cluster } = await eks.describeCluster({ name });
          return [name, cluster?.resourcesVpcConfig?.subnetIds ?? []];
        }),
      );
    } finally {
      eks.destroy();
    }
  }
}
