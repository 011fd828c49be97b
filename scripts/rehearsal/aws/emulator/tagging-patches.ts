import { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { STS } from "@aws-sdk/client-sts";
import { rootCredentials } from "./emulator.ts";
import { pageOf } from "./listing-patches.ts";
import type { NetworkInterfaces } from "./network-interfaces.ts";
import { type Fields, patchJson, type EmulatorPatch } from "./patch.ts";

/** A row of the index of tags. */
interface TagRow {
  ResourceARN: string;
  Tags: { Key: string; Value: string }[];
}

/** What a request wants of it. */
interface TagQuery {
  TagFilters?: { Key?: string; Values?: string[] }[];
  ResourceTypeFilters?: string[];
  PaginationToken?: string;
}

/** How EC2's ids begin, with what its ARNs say. */
const types: Readonly<Record<string, string>> = {
  i: "instance",
  vol: "volume",
  snap: "snapshot",
  eni: "network-interface",
  nat: "natgateway",
  eipalloc: "elastic-ip",
  vpce: "vpc-endpoint",
  igw: "internet-gateway",
  subnet: "subnet",
  rtb: "route-table",
  sg: "security-group",
  vpc: "vpc",
  lt: "launch-template",
};

/**
 * The index of tags has EC2's and the load balancers' resources, too, and gives them in pages. EC2's own memory of tags
 * in the emulator outlives what was tagged, as AWS's index does for a while.
 * https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
 */
export function taggingPatches(upstream: string, interfaces: NetworkInterfaces): readonly EmulatorPatch[] {
  return [
    {
      name: "tagging-index",
      operations: ["tagging:GetResources"],
      async rewrite({ operation: { region }, body, answer }) {
        if (answer.status >= 300) return undefined;
        const wanted = JSON.parse(body || "{}") as TagQuery;
        const more = [...(await ec2Rows(upstream, interfaces, region)), ...(await balancerRows(upstream, region))];
        return patchJson(answer, (found: Fields) => {
          const rows = [...(found.ResourceTagMappingList as TagRow[]), ...more.filter((row) => fits(row, wanted))];
          const { page, next } = pageOf(rows, wanted.PaginationToken);
          return { ...found, ResourceTagMappingList: page, PaginationToken: next ?? "" };
        });
      },
    },
  ];
}

function fits(
  { ResourceARN: arn, Tags: tags }: TagRow,
  { TagFilters = [], ResourceTypeFilters: wanted }: TagQuery,
): boolean {
  const [, , service = "", , , resource = ""] = arn.split(":");
  const type = `${service}:${resource.split("/")[0] ?? ""}`;
  const ofType = !wanted?.length || wanted.some((each) => each === service || each === type);
  return (
    ofType &&
    TagFilters.every(({ Key, Values = [] }) =>
      tags.some((tag) => tag.Key === Key && (Values.length === 0 || Values.includes(tag.Value))),
    )
  );
}

async function ec2Rows(upstream: string, interfaces: NetworkInterfaces, region: string): Promise<TagRow[]> {
  const { Tags: all = [] } = await interfaces.emulator(region).describeTags({});
  const sts = new STS({ endpoint: upstream, region, credentials: rootCredentials });
  const { Account: account = "" } = await sts.getCallerIdentity({});
  sts.destroy();
  return [...Map.groupBy(all, ({ ResourceId: id = "" }) => id)].flatMap(([id, tags]) => {
    const type = types[id.slice(0, id.indexOf("-"))];
    return type ? [{ ResourceARN: `arn:aws:ec2:${region}:${account}:${type}/${id}`, Tags: tags.map(tagOf) }] : [];
  });
}

async function balancerRows(upstream: string, region: string): Promise<TagRow[]> {
  const elb = new ElasticLoadBalancingV2({ endpoint: upstream, region, credentials: rootCredentials });
  const [{ LoadBalancers = [] }, { TargetGroups = [] }] = await Promise.all([
    elb.describeLoadBalancers({}),
    elb.describeTargetGroups({}),
  ]);
  const arns = [
    ...LoadBalancers.map(({ LoadBalancerArn: arn = "" }) => arn),
    ...TargetGroups.map(({ TargetGroupArn: arn = "" }) => arn),
  ];
  const { TagDescriptions = [] } = arns.length > 0 ? await elb.describeTags({ ResourceArns: arns }) : {};
  elb.destroy();
  return TagDescriptions.map(({ ResourceArn: ResourceARN = "", Tags = [] }) => ({
    ResourceARN,
    Tags: Tags.map(tagOf),
  }));
}

const tagOf = ({ Key = "", Value = "" }: { Key?: string | undefined; Value?: string | undefined }) => ({ Key, Value });
