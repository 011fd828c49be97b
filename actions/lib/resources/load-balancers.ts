import type * as V2 from "@aws-sdk/client-elastic-load-balancing-v2";
import { absentAt, isOurs, type Kind, type Resource, type Scope, type Tag } from "./resource.ts";

type Sdk = typeof V2;
const absent = /^(LoadBalancerNotFound|TargetGroupNotFound|AccessPointNotFound)(Exception)?$/;

async function withElb<T>(
  { region, credentials }: Scope,
  work: (sdk: Sdk, client: V2.ElasticLoadBalancingV2Client) => Promise<T>,
): Promise<T> {
  const sdk = await import("@aws-sdk/client-elastic-load-balancing-v2");
  const client = new sdk.ElasticLoadBalancingV2Client({ region, credentials, maxAttempts: 5 });
  try {
    return await work(sdk, client);
  } finally {
    client.destroy();
  }
}

/** As many ARNs as one request for tags may name. */
const tagBatch = 20;

/** Whether tags say that Kubernetes, or we, made something for this environment. */
function belongs(scope: Scope, tags: readonly Tag[]): boolean {
  const marks = [`kubernetes.io/cluster/${scope.clusterName}`, "elbv2.k8s.aws/cluster"];
  return (
    isOurs(scope, tags) ||
    tags.some(({ Key, Value }) => Key === marks[0] || (Key === marks[1] && Value === scope.clusterName))
  );
}

/** Those in one of the environment's VPCs, and those whose tags say that they are the environment's. */
async function own<Item>(
  scope: Scope,
  sdk: Sdk,
  client: V2.ElasticLoadBalancingV2Client,
  items: readonly Item[],
  of: (item: Item) => { arn: string; vpc: string | undefined },
): Promise<Item[]> {
  const inVpc = (item: Item) => scope.vpcs.includes(of(item).vpc ?? "");
  const others = items.filter((item) => !inVpc(item));
  const tagged = new Set<string>();
  for (let from = 0; from < others.length; from += tagBatch) {
    const ResourceArns = others.slice(from, from + tagBatch).map((item) => of(item).arn);
    const { TagDescriptions = [] } = await client.send(new sdk.DescribeTagsCommand({ ResourceArns }));
    for (const { ResourceArn = "", Tags = [] } of TagDescriptions) if (belongs(scope, Tags)) tagged.add(ResourceArn);
  }
  return items.filter((item) => inVpc(item) || tagged.has(of(item).arn));
}

function balancer({ LoadBalancerArn: id = "", LoadBalancerName: name = "", Type: type, State }: V2.LoadBalancer): Resource {
  const kind = type === "application" ? "application-load-balancer" : "network-load-balancer";
  const facts = { type: type ?? "?", state: State?.Code ?? "?" };
  return { kind: "load-balancer", id, name, billables: [{ kind, quantity: 1 }], facts };
}

function targetGroup({ TargetGroupArn: id = "", TargetGroupName: name = "", Port = 0 }: V2.TargetGroup): Resource {
  return { kind: "target-group", id, name, billables: [], facts: { port: Port } };
}

/** Load balancers of the newer generation, and what they lead to. */
export const loadBalancerKinds: readonly Kind[] = [
  {
    name: "load-balancer",
    matches: (arn) => /:elasticloadbalancing:.*:loadbalancer\/(app|net|gwy)\//.test(arn),
    find: (scope) =>
      withElb(scope, async (sdk, client) => {
        const all: V2.LoadBalancer[] = [];
        for await (const page of sdk.paginateDescribeLoadBalancers({ client }, {})) all.push(...(page.LoadBalancers ?? []));
        const of = ({ LoadBalancerArn: arn = "", VpcId: vpc }: V2.LoadBalancer) => ({ arn, vpc });
        return (await own(scope, sdk, client, all, of)).map(balancer);
      }),
    confirm: (scope, arn) =>
      withElb(scope, async (sdk, client) => {
        const command = new sdk.DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] });
        const [found] = (await client.send(command).catch(absentAt(absent)))?.LoadBalancers ?? [];
        return found && balancer(found);
      }),
    remove: (scope, { id }) =>
      withElb(scope, async (sdk, client) => {
        await client.send(new sdk.DeleteLoadBalancerCommand({ LoadBalancerArn: id })).catch(absentAt(absent));
      }),
  },
  {
    name: "target-group",
    matches: (arn) => /:elasticloadbalancing:.*:targetgroup\//.test(arn),
    find: (scope) =>
      withElb(scope, async (sdk, client) => {
        const all: V2.TargetGroup[] = [];
        for await (const page of sdk.paginateDescribeTargetGroups({ client }, {})) all.push(...(page.TargetGroups ?? []));
        const of = ({ TargetGroupArn: arn = "", VpcId: vpc }: V2.TargetGroup) => ({ arn, vpc });
        return (await own(scope, sdk, client, all, of)).map(targetGroup);
      }),
    confirm: (scope, arn) =>
      withElb(scope, async (sdk, client) => {
        const command = new sdk.DescribeTargetGroupsCommand({ TargetGroupArns: [arn] });
        const [found] = (await client.send(command).catch(absentAt(absent)))?.TargetGroups ?? [];
        return found && targetGroup(found);
      }),
    remove: (scope, { id }) =>
      withElb(scope, async (sdk, client) => {
        await client.send(new sdk.DeleteTargetGroupCommand({ TargetGroupArn: id })).catch(absentAt(absent));
      }),
  },
];
