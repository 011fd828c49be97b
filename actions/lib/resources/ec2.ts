import type { EC2Client, Filter } from "@aws-sdk/client-ec2";
import { absentAt, distinct, type Kind, lastOf, type Resource, type Scope } from "./resource.ts";

/** One request for a list: what it is to be filtered by, or whose it is. */
export interface Query {
  Filters?: Filter[];
  ids?: string[];
}

/** By what EC2 is asked for something that belongs to an environment. */
export type Trace = "tags" | "vpc" | "cluster" | "csi" | "cni";

/** What differs between kinds of EC2. */
export interface Ec2Kind<Item> {
  name: string;
  /** As in its ARN. */
  type: string;
  /** One query for each, added up. */
  traces: readonly Trace[];
  /** How `Filters` name the VPC, where it is not `vpc-id`. */
  vpcFilter?: string;
  list(sdk: typeof import("@aws-sdk/client-ec2"), client: EC2Client, query: Query): Promise<Item[]>;
  /** `undefined` for what is only remembered, as a terminated instance is. */
  read(item: Item): (Omit<Resource, "kind" | "id" | "name"> & { id: string }) | undefined;
  remove?(sdk: typeof import("@aws-sdk/client-ec2"), client: EC2Client, id: string): Promise<unknown>;
}

/** EC2's words for what is not there: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
const absent = /^(Invalid\w+\.NotFound|Invalid\w+ID\.NotFound|NatGatewayNotFound|InvalidVpcEndpointId\.NotFound)$/;

/** A kind of EC2's resources. */
export function ec2Kind<Item>(own: Ec2Kind<Item>): Kind {
  const resources = (scope: Scope, items: readonly Item[]): Resource[] =>
    items.flatMap((item) => {
      const read = own.read(item);
      return read ? [{ ...read, kind: own.name, name: read.id, id: arnOf(scope, own.type, read.id) }] : [];
    });
  return {
    name: own.name,
    matches: (arn) => new RegExp(`^arn:[^:]+:ec2:[^:]*:[^:]*:${own.type}/`).test(arn),
    find: (scope) =>
      withEc2(scope, async (sdk, client) => {
        const queries = own.traces.flatMap((trace) => filtersFor(trace, scope, own.vpcFilter ?? "vpc-id"));
        const found = await Promise.all(queries.map((Filters) => own.list(sdk, client, { Filters })));
        return distinct(resources(scope, found.flat()));
      }),
    confirm: (scope, arn) =>
      withEc2(scope, async (sdk, client) => {
        const items = await own.list(sdk, client, { ids: [lastOf(arn)] }).catch(absentAt(absent));
        return items && resources(scope, items)[0];
      }),
    ...(own.remove && {
      remove: (scope: Scope, { name }: Resource) =>
        withEc2(scope, async (sdk, client) => {
          await own.remove?.(sdk, client, name).catch(absentAt(absent));
        }),
    }),
  };
}

const arnOf = ({ region, account }: Scope, type: string, id: string) => `arn:aws:ec2:${region}:${account}:${type}/${id}`;

/** Filters that hold at once; a list of none is no query. */
function filtersFor(trace: Trace, scope: Scope, vpcFilter: string): Filter[][] {
  switch (trace) {
    case "tags":
      return [
        [
          { Name: "tag:slipway:project", Values: [scope.project] },
          { Name: "tag:slipway:environment", Values: [scope.environment] },
        ],
      ];
    case "vpc":
      return scope.vpcs.length > 0 ? [[{ Name: vpcFilter, Values: [...scope.vpcs] }]] : [];
    // What Kubernetes' controllers and EKS make: https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
    case "cluster":
      return [[{ Name: `tag:kubernetes.io/cluster/${scope.clusterName}`, Values: ["owned"] }]];
    case "csi":
      return [[{ Name: "tag:ebs.csi.aws.com/cluster-name", Values: [scope.clusterName] }]];
    // https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md#cni-configuration-variables
    case "cni":
      return [[{ Name: "tag:cluster.k8s.amazonaws.com/name", Values: [scope.clusterName] }]];
  }
}

async function withEc2<T>(
  { region, credentials }: Scope,
  work: (sdk: typeof import("@aws-sdk/client-ec2"), client: EC2Client) => Promise<T>,
): Promise<T> {
  const sdk = await import("@aws-sdk/client-ec2");
  const client = new sdk.EC2Client({ region, credentials, maxAttempts: 5 });
  try {
    return await work(sdk, client);
  } finally {
    client.destroy();
  }
}
