import { type AwsError, writeError } from "../proxy/aws-errors.ts";
import { type Fields, patchJson, type EmulatorPatch } from "./patch.ts";

/**
 * A page holds at most so many. AWS's hold more, but promise nothing: a page may be short and still have a successor. So
 * whoever forgets to ask for the next one is found out with few things.
 */
const pageSize = 50;

/** The lists of EC2 that AWS gives in pages to whoever asks with MaxResults. */
const pagedByEc2 = [
  "Instances",
  "Volumes",
  "Snapshots",
  "NetworkInterfaces",
  "NatGateways",
  "VpcEndpoints",
  "Vpcs",
  "Subnets",
  "RouteTables",
  "InternetGateways",
  "SecurityGroups",
  "LaunchTemplates",
].map((what) => `ec2:Describe${what}`);

/** The patches of lists: their pages, and what they say of what is not there. */
export function listingPatches(): readonly EmulatorPatch[] {
  return [ec2Missing(), ec2Pages()];
}

/** A list's place in another page, as a token that tells nothing. */
const tokenOf = (start: number) => Buffer.from(`page ${start}`).toString("base64url");
const startOf = (token: string | null | undefined) =>
  Number(/^page (\d+)$/.exec(Buffer.from(token ?? "", "base64url").toString())?.[1] ?? 0);

/** One page of a list, and the token of the next where there is one. */
export function pageOf<T>(all: readonly T[], token: string | null | undefined): { page: T[]; next?: string } {
  const start = startOf(token);
  const end = start + pageSize;
  return { page: all.slice(start, end), ...(end < all.length && { next: tokenOf(end) }) };
}

/**
 * The emulator gives whole lists.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html#api-pagination
 */
function ec2Pages(): EmulatorPatch {
  return {
    name: "ec2-pages",
    operations: pagedByEc2,
    rewrite({ body, answer }) {
      const form = new URLSearchParams(body);
      if (answer.status >= 300 || !form.has("MaxResults")) return undefined;
      const { head, items, tail } = splitItems(answer.body.toString());
      const { page, next } = pageOf(items, form.get("NextToken"));
      const end = next ? tail.replace(/(<\/\w+Response>\s*)$/, `<nextToken>${next}</nextToken>$1`) : tail;
      return { ...answer, body: [head, ...page, end].join("") };
    },
  };
}

/** Parts an answer of EC2 into its outermost items, what is before them, and what is after. */
export function splitItems(xml: string): { head: string; items: string[]; tail: string } {
  const items: string[] = [];
  let [depth, start, first, last] = [0, 0, xml.length, xml.length];
  for (const { 0: tag, index } of xml.matchAll(/<\/?item>/g)) {
    if (tag === "<item>") {
      if (depth === 0) start = index;
      if (items.length === 0 && depth === 0) first = index;
      depth += 1;
    } else {
      depth -= 1;
      if (depth > 0) continue;
      last = index + tag.length;
      items.push(xml.slice(start, last));
    }
  }
  return items.length === 0
    ? { head: xml, items, tail: "" }
    : { head: xml.slice(0, first), items, tail: xml.slice(last) };
}

/** What a request names one by, what the answer does, and what EC2 says where there is none. */
const missing: Readonly<Record<string, { parameter: string; element: string; code: string }>> = {
  DescribeNetworkInterfaces: {
    parameter: "NetworkInterfaceId",
    element: "networkInterfaceId",
    code: "InvalidNetworkInterfaceID.NotFound",
  },
  DescribeVpcEndpoints: {
    parameter: "VpcEndpointId",
    element: "vpcEndpointId",
    code: "InvalidVpcEndpointId.NotFound",
  },
  DescribeAddresses: { parameter: "AllocationId", element: "allocationId", code: "InvalidAllocationID.NotFound" },
  DescribeNatGateways: { parameter: "NatGatewayId", element: "natGatewayId", code: "NatGatewayNotFound" },
  DescribeRouteTables: { parameter: "RouteTableId", element: "routeTableId", code: "InvalidRouteTableID.NotFound" },
  DescribeLaunchTemplates: {
    parameter: "LaunchTemplateId",
    element: "launchTemplateId",
    code: "InvalidLaunchTemplateId.NotFound",
  },
};

/**
 * Whoever names an id that there is not is told so; the emulator gives an empty list for these.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
function ec2Missing(): EmulatorPatch {
  return {
    name: "ec2-missing",
    operations: Object.keys(missing).map((action) => `ec2:${action}`),
    rewrite({ operation, body, answer }) {
      const { parameter = "", element = "", code = "" } = missing[operation.action] ?? {};
      const asked = [...new URLSearchParams(body)].filter(([name]) => new RegExp(`^${parameter}\\.\\d+$`).test(name));
      const text = answer.body.toString();
      const absent = asked.find(([, id]) => !text.includes(`<${element}>${id}</${element}>`));
      if (answer.status >= 300 || !absent) return undefined;
      const error: AwsError = { code, message: `The ID '${absent[1]}' does not exist`, status: 400 };
      return writeError(operation, error);
    },
  };
}

/** ECR's lists, with the field that holds them. */
const ecrLists: Readonly<Record<string, string>> = { DescribeImages: "imageDetails", ListImages: "imageIds" };

/**
 * ECR gives a hundred images at once unless asked for more; the emulator gives all of them.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html
 */
export function ecrPages(): EmulatorPatch {
  return {
    name: "ecr-pages",
    operations: Object.keys(ecrLists).map((action) => `ecr:${action}`),
    rewrite({ operation, body, answer }) {
      const asked = JSON.parse(body || "{}") as { imageIds?: unknown; nextToken?: string };
      if (asked.imageIds !== undefined) return undefined;
      const field = ecrLists[operation.action] ?? "";
      return patchJson(answer, (found) => {
        const { page, next } = pageOf((found[field] as Fields[] | undefined) ?? [], asked.nextToken);
        return { ...found, [field]: page, ...(next && { nextToken: next }) };
      });
    },
  };
}
