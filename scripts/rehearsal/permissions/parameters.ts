import type { AwsRequest } from "../aws/emulator/patch.ts";

/** What a request says, by names such as `VpcId`, `TagSpecification.1.Tag.1.Key` or `resourcesVpcConfig.subnetIds.0`. */
export type Parameters = Readonly<Record<string, string>>;

/** Bodies in XML name a DNS record's parts; nothing else of them counts for permissions. */
const recordParts = /<(Name|Type|Action)>([^<]*)<\/\1>/g;

/** Everything that a request says, in whichever form its service speaks. */
export function parametersOf({ operation, url, body }: Omit<AwsRequest, "role">): Parameters {
  const { searchParams } = new URL(url, "http://localhost");
  const found: Record<string, string> = { ...Object.fromEntries(searchParams), ...operation.path };
  if (operation.protocol === "ec2" || operation.protocol === "query")
    return { ...found, ...Object.fromEntries(new URLSearchParams(body)) };
  if (operation.protocol === "rest-xml" || body.startsWith("<")) {
    for (const [index, match] of [...body.matchAll(recordParts)].entries())
      found[`${match[1]}.${index}`] = match[2] ?? "";
    return found;
  }
  if (body) flatten(JSON.parse(body), "", found);
  return found;
}

function flatten(value: unknown, name: string, into: Record<string, string>): void {
  if (typeof value === "object" && value !== null)
    for (const [key, each] of Object.entries(value)) flatten(each, name ? `${name}.${key}` : key, into);
  else if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    into[name] = `${value}`;
}

/** The values of a parameter, of a list also, by its name without regard to case. */
export function valuesOf(parameters: Parameters, name: string): string[] {
  const wanted = new RegExp(`^${name}s?(\\.member)?(\\.\\d+)?$`, "i");
  return Object.entries(parameters).flatMap(([key, value]) => (wanted.test(key) ? [value] : []));
}

/** Where a request lists the tags of what it makes or tags. Those inside a launch template are for what comes of it. */
const tagKey = /^((?:TagSpecification\.\d+\.)?(?:resource)?Tags?\.(?:member\.)?\d+)\.(?:Tag)?Key$/i;

/** The tags that a request gives, by their keys. */
export function requestTags(parameters: Parameters): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const [name, value] of Object.entries(parameters)) {
    const listed = tagKey.exec(name)?.[1];
    const mapped = /^tags\.(?!\d+\.|member\.)(.+)$/.exec(name)?.[1];
    if (listed) tags[value] = parameters[`${listed}.Value`] ?? parameters[`${listed}.TagValue`] ?? "";
    else if (mapped) tags[mapped] = value;
  }
  return tags;
}
