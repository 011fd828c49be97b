import type * as Classic from "@aws-sdk/client-elastic-load-balancing";
import { absentAt, isOurs, type Kind, lastOf, type Resource, type Scope } from "./resource.ts";

const absent = /^(LoadBalancerNotFound|AccessPointNotFound)(Exception)?$/;
/** As many names as one request for tags may have. */
const tagBatch = 20;

async function withElb<T>(
  { region, credentials }: Scope,
  work: (sdk: typeof Classic, client: Classic.ElasticLoadBalancingClient) => Promise<T>,
): Promise<T> {
  const sdk = await import("@aws-sdk/client-elastic-load-balancing");
  const client = new sdk.ElasticLoadBalancingClient({ region, credentials, maxAttempts: 5 });
  try {
    return await work(sdk, client);
  } finally {
    client.destroy();
  }
}

function balancer({ region, account }: Scope, { LoadBalancerName: name = "", VPCId }: Classic.LoadBalancerDescription) {
  const id = `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/${name}`;
  const billables = [{ kind: "classic-load-balancer" as const, quantity: 1 }];
  return { kind: "classic-load-balancer", id, name, billables, facts: { vpc: VPCId ?? "?" } } satisfies Resource;
}

/** Load balancers of the older generation: what EKS makes for a Service without any annotation. */
export const classicLoadBalancerKinds: readonly Kind[] = [
  {
    name: "classic-load-balancer",
    matches: (arn) => /:elasticloadbalancing:.*:loadbalancer\/[^/]+$/.test(arn),
    find: (scope) =>
      withElb(scope, async (sdk, client) => {
        const all: Classic.LoadBalancerDescription[] = [];
        for await (const page of sdk.paginateDescribeLoadBalancers({ client }, {}))
          all.push(...(page.LoadBalancerDescriptions ?? []));
        const inVpc = all.filter(({ VPCId: vpc = "" }) => scope.vpcs.includes(vpc));
        const others = all.filter((each) => !inVpc.includes(each)).flatMap(({ LoadBalancerName: name }) => name ?? []);
        const tagged = new Set<string>();
        for (let from = 0; from < others.length; from += tagBatch) {
          const command = new sdk.DescribeTagsCommand({ LoadBalancerNames: others.slice(from, from + tagBatch) });
          for (const { LoadBalancerName: name = "", Tags = [] } of (await client.send(command)).TagDescriptions ?? [])
            if (isOurs(scope, Tags) || Tags.some(({ Key }) => Key === `kubernetes.io/cluster/${scope.clusterName}`))
              tagged.add(name);
        }
        const ours = [...inVpc, ...all.filter(({ LoadBalancerName: name = "" }) => tagged.has(name))];
        return ours.map((each) => balancer(scope, each));
      }),
    confirm: (scope, arn) =>
      withElb(scope, async (sdk, client) => {
        const command = new sdk.DescribeLoadBalancersCommand({ LoadBalancerNames: [lastOf(arn)] });
        const [found] = (await client.send(command).catch(absentAt(absent)))?.LoadBalancerDescriptions ?? [];
        return found && balancer(scope, found);
      }),
    remove: (scope, { name: LoadBalancerName }) =>
      withElb(scope, async (sdk, client) => {
        await client.send(new sdk.DeleteLoadBalancerCommand({ LoadBalancerName })).catch(absentAt(absent));
      }),
  },
];
