import { randomUUID } from "node:crypto";
import { type AwsResponse, escapeXml, writeError } from "../proxy/aws-errors.ts";
import type { NetworkInterfaces } from "./network-interfaces.ts";
import type { AwsRequest, EmulatorPatch } from "./patch.ts";

/** What tells this service from its second generation, which has the same names for its operations. */
const version = "2012-06-01";

/** One load balancer. */
interface Classic {
  name: string;
  region: string;
  vpc: string;
  subnets: string[];
  tags: Map<string, string>;
}

/**
 * The first generation of load balancers, of which the emulator has nothing: they are made, tagged, listed and deleted.
 * https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/
 */
export function classicLoadBalancers(interfaces: NetworkInterfaces): EmulatorPatch {
  const all = new Map<string, Classic>();
  return {
    name: "elb-classic",
    operations: ["CreateLoadBalancer", "DescribeLoadBalancers", "DescribeTags", "AddTags", "DeleteLoadBalancer"].map(
      (action) => `elasticloadbalancing:${action}`,
    ),
    async answer(request) {
      const form = new URLSearchParams(request.body);
      if (form.get("Version") !== version) return undefined;
      const { region, action } = request.operation;
      const members = (name: string) =>
        [...form].filter(([key]) => new RegExp(`^${name}\\.member\\.\\d+$`).test(key)).map(([, value]) => value);
      const keyOf = (name: string) => `${region} ${name}`;
      const name = form.get("LoadBalancerName") ?? "";
      if (action === "CreateLoadBalancer") {
        const subnets = members("Subnets");
        const { Subnets: [subnet] = [] } = await interfaces.emulator(region).describeSubnets({ SubnetIds: subnets });
        const made = { name, region, vpc: subnet?.VpcId ?? "", subnets, tags: tagsIn(form) };
        all.set(keyOf(name), made);
        return result(request, `<DNSName>${escapeXml(addressOf(made))}</DNSName>`);
      }
      if (action === "DeleteLoadBalancer") {
        all.delete(keyOf(name)); // without an error where there is none, as AWS does
        return result(request, "");
      }
      const named = members("LoadBalancerNames");
      const found = [...all.values()].filter((one) => one.region === region);
      const chosen = named.length > 0 ? found.filter((one) => named.includes(one.name)) : found;
      if (chosen.length < named.length) {
        const message = `There is no ACTIVE Load Balancer named '${named.join(", ")}'`;
        return writeError(request.operation, { code: "LoadBalancerNotFound", message, status: 400 });
      }
      if (action === "DescribeLoadBalancers")
        return result(request, list("LoadBalancerDescriptions", chosen.map(description)));
      if (action === "DescribeTags") return result(request, list("TagDescriptions", chosen.map(tagDescription)));
      for (const one of chosen) for (const [key, value] of tagsIn(form)) one.tags.set(key, value);
      return result(request, "");
    },
  };
}

function tagsIn(form: URLSearchParams): Map<string, string> {
  const tags = new Map<string, string>();
  for (let index = 1; form.has(`Tags.member.${String(index)}.Key`); index++)
    tags.set(form.get(`Tags.member.${String(index)}.Key`) ?? "", form.get(`Tags.member.${String(index)}.Value`) ?? "");
  return tags;
}

const addressOf = ({ name, region }: Classic) => `${name}-0123456789.${region}.elb.amazonaws.com`;

const list = (name: string, members: readonly string[]) =>
  `<${name}>${members.map((member) => `<member>${member}</member>`).join("")}</${name}>`;

function description(one: Classic): string {
  const { name, vpc, subnets } = one;
  return [
    `<LoadBalancerName>${escapeXml(name)}</LoadBalancerName><DNSName>${escapeXml(addressOf(one))}</DNSName>`,
    `<VPCId>${escapeXml(vpc)}</VPCId><Scheme>internet-facing</Scheme>`,
    list("Subnets", subnets.map(escapeXml)),
  ].join("");
}

function tagDescription({ name, tags }: Classic): string {
  const members = [...tags].map(([key, value]) => `<Key>${escapeXml(key)}</Key><Value>${escapeXml(value)}</Value>`);
  return `<LoadBalancerName>${escapeXml(name)}</LoadBalancerName>${list("Tags", members)}`;
}

function result({ operation: { action } }: AwsRequest, inner: string): AwsResponse {
  const id = randomUUID();
  const text = `<${action}Result>${inner}</${action}Result><ResponseMetadata><RequestId>${id}</RequestId></ResponseMetadata>`;
  const body = `<${action}Response xmlns="http://elasticloadbalancing.amazonaws.com/doc/${version}/">${text}</${action}Response>`;
  return { status: 200, headers: { "content-type": "text/xml", "x-amzn-requestid": id }, body };
}
