import type { ElasticLoadBalancing, LoadBalancerDescription } from "@aws-sdk/client-elastic-load-balancing";
import type { ElasticLoadBalancingV2, LoadBalancer, TargetGroup } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Billable } from "../prices/prices.ts";
import { type Tags, tagsOf } from "./ownership.ts";
import { type ClientSettings, defineKind, pages, unlessGone } from "./resource.ts";

const openV2 = async (settings: ClientSettings) =>
  new (await import("@aws-sdk/client-elastic-load-balancing-v2")).ElasticLoadBalancingV2(settings);

/** Both services give the tags of so many at once: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html */
const withTags = 20;

const noBalancer = ["LoadBalancerNotFound", "LoadBalancerNotFoundException"];
const noTargetGroup = ["TargetGroupNotFound", "TargetGroupNotFoundException"];
const noClassic = ["LoadBalancerNotFound", "AccessPointNotFoundException", "AccessPointNotFound"];

/** An item of a list with its tags, which these services list apart. */
interface Tagged<Item> {
  item: Item;
  tags: Tags;
}

/** @param gone the error names by which all of a question is refused when one of what it names is gone */
async function* tagged<Item>(
  lists: AsyncIterable<readonly Item[]>,
  gone: readonly string[],
  tagsFor: (items: readonly Item[]) => Promise<Tags[]>,
): AsyncGenerator<readonly Tagged<Item>[]> {
  const tag = async (items: readonly Item[]): Promise<Tagged<Item>[] | undefined> => {
    const tags = await unlessGone(gone, tagsFor(items));
    return tags && items.map((item, index) => ({ item, tags: tags[index] ?? {} }));
  };
  for await (const list of lists)
    for (let start = 0; start < list.length; start += withTags) {
      const items = list.slice(start, start + withTags);
      const all = await tag(items);
      if (all) yield all;
      else for (const item of items) yield (await tag([item])) ?? [];
    }
}

async function tagsByArn(elb: ElasticLoadBalancingV2, arns: readonly (string | undefined)[]): Promise<Tags[]> {
  const ResourceArns = arns.map((arn = "") => arn);
  const { TagDescriptions: all = [] } = await elb.describeTags({ ResourceArns });
  return ResourceArns.map((arn) => tagsOf(all.find(({ ResourceArn: of }) => of === arn)?.Tags));
}

const billedAs: Readonly<Record<string, Billable["kind"]>> = {
  application: "application-load-balancer",
  gateway: "gateway-load-balancer",
};

/** Application, network and gateway load balancers; their listeners go with them. */
export const loadBalancers = defineKind<ElasticLoadBalancingV2, Tagged<LoadBalancer>>({
  name: "load-balancer",
  title: "load balancer",
  arn: { service: "elasticloadbalancing", resource: /^(loadbalancer\/(?:app|net|gwy)\/.+)$/ },
  gone: noBalancer,
  open: openV2,
  list: (elb) =>
    tagged(
      pages(elb.paginateDescribeLoadBalancers({}), (page) => page.LoadBalancers),
      noBalancer,
      (items) =>
        tagsByArn(
          elb,
          items.map(({ LoadBalancerArn: arn }) => arn),
        ),
    ),
  async get(elb, _id, arn) {
    const { LoadBalancers: [item] = [] } = await elb.describeLoadBalancers({ LoadBalancerArns: [arn] });
    return item && { item, tags: (await tagsByArn(elb, [arn]))[0] ?? {} };
  },
  describe: ({ item, tags }) => ({
    id: item.LoadBalancerArn ?? "",
    name: item.LoadBalancerName ?? "?",
    marks: { tags, vpc: item.VpcId },
    facts: { type: item.Type ?? "?", state: item.State?.Code ?? "?", ...(item.DNSName && { address: item.DNSName }) },
    billables: [{ kind: billedAs[item.Type ?? ""] ?? "network-load-balancer", quantity: 1 } as Billable],
  }),
  remove: (elb, _id, { id }) => elb.deleteLoadBalancer({ LoadBalancerArn: id }),
});

/** Where load balancers send to; free, but they name the VPC. */
export const targetGroups = defineKind<ElasticLoadBalancingV2, Tagged<TargetGroup>>({
  name: "target-group",
  title: "target group",
  arn: { service: "elasticloadbalancing", resource: /^(targetgroup\/.+)$/ },
  gone: noTargetGroup,
  open: openV2,
  list: (elb) =>
    tagged(
      pages(elb.paginateDescribeTargetGroups({}), (page) => page.TargetGroups),
      noTargetGroup,
      (items) =>
        tagsByArn(
          elb,
          items.map(({ TargetGroupArn: arn }) => arn),
        ),
    ),
  async get(elb, _id, arn) {
    const { TargetGroups: [item] = [] } = await elb.describeTargetGroups({ TargetGroupArns: [arn] });
    return item && { item, tags: (await tagsByArn(elb, [arn]))[0] ?? {} };
  },
  describe: ({ item, tags }) => ({
    id: item.TargetGroupArn ?? "",
    name: item.TargetGroupName ?? "?",
    marks: { tags, vpc: item.VpcId },
    facts: { protocol: item.Protocol ?? "?", "load balancers": item.LoadBalancerArns?.length ?? 0 },
  }),
  remove: (elb, _id, { id }) => elb.deleteTargetGroup({ TargetGroupArn: id }),
});

async function classicTags(elb: ElasticLoadBalancing, names: readonly (string | undefined)[]): Promise<Tags[]> {
  const LoadBalancerNames = names.map((name = "") => name);
  const { TagDescriptions: all = [] } = await elb.describeTags({ LoadBalancerNames });
  return LoadBalancerNames.map((name) => {
    const found = all.find(({ LoadBalancerName: of }) => of === name)?.Tags;
    return tagsOf(found);
  });
}

/** The first generation, which Kubernetes' own cloud controller makes where a Service asks for nothing else. */
export const classicLoadBalancers = defineKind<ElasticLoadBalancing, Tagged<LoadBalancerDescription>>({
  name: "classic-load-balancer",
  title: "classic load balancer",
  arn: { service: "elasticloadbalancing", resource: /^loadbalancer\/([^/]+)$/ },
  gone: noClassic,
  open: async (settings) => new (await import("@aws-sdk/client-elastic-load-balancing")).ElasticLoadBalancing(settings),
  list: (elb) =>
    tagged(
      pages(elb.paginateDescribeLoadBalancers({}), (page) => page.LoadBalancerDescriptions),
      noClassic,
      (items) =>
        classicTags(
          elb,
          items.map(({ LoadBalancerName: name }) => name),
        ),
    ),
  async get(elb, name) {
    const { LoadBalancerDescriptions: [item] = [] } = await elb.describeLoadBalancers({ LoadBalancerNames: [name] });
    return item && { item, tags: (await classicTags(elb, [name]))[0] ?? {} };
  },
  describe: ({ item, tags }, { account, region }) => ({
    id: `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/${item.LoadBalancerName ?? "?"}`,
    name: item.LoadBalancerName ?? "?",
    marks: { tags, vpc: item.VPCId },
    facts: item.DNSName ? { address: item.DNSName } : {},
    billables: [{ kind: "classic-load-balancer", quantity: 1 }],
  }),
  remove: (elb, LoadBalancerName) => elb.deleteLoadBalancer({ LoadBalancerName }),
});
