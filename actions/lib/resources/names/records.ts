import type {
  ListResourceRecordSetsRequest,
  ListResourceRecordSetsResponse,
  ResourceRecordSet,
  Route53,
} from "@aws-sdk/client-route-53";
import { defineKind } from "../resource.ts";
import type { Scope } from "../scope.ts";

/** What a record is there for. */
export const recordUses = { app: "an app's name", proof: "the certificate's proof" } as const;

/** A record of the environment, and where it is. */
interface FoundRecord {
  zone: string;
  set: ResourceRecordSet;
  use?: (typeof recordUses)[keyof typeof recordUses];
}

/** An answer that lists no record of this name and type: Route 53 has no question for one record. */
class NoSuchRecord extends Error {
  override readonly name = "NoSuchRecord";
}

/**
 * DNS records of an environment with a domain; they are free, but one that nobody takes away points at what is not ours
 * any more. Route 53 has no ARNs for records, so they get ids in the same form.
 */
export const records = defineKind<Route53, FoundRecord>({
  name: "dns-record",
  title: "DNS record",
  arn: { service: "route53", resource: /^hostedzone\/([^/]+\/rrset\/[A-Z]+\/.+)$/ },
  gone: ["NoSuchHostedZone", "NoSuchRecord"],
  open: async (settings) => new (await import("@aws-sdk/client-route-53")).Route53(settings),
  async *list(route53, scope) {
    const { domain, zone: name } = scope;
    if (domain === undefined || name === undefined) return;
    for (const zone of await publicZones(route53, name)) yield ours(zone, await allOf(route53, zone), scope);
  },
  get: one,
  describe: ({ zone, set, use }) => ({
    id: `arn:aws:route53:::hostedzone/${zone}/rrset/${set.Type}/${set.Name}`,
    name: `${set.Type} ${set.Name}`,
    marks: { named: use !== undefined },
    facts: { zone, ...(use && { use }), ...(set.AliasTarget?.DNSName && { "points to": set.AliasTarget.DNSName }) },
  }),
  async remove(route53, id) {
    const { zone, set } = await one(route53, id);
    const Changes = [{ Action: "DELETE" as const, ResourceRecordSet: set }];
    await route53.changeResourceRecordSets({ HostedZoneId: zone, ChangeBatch: { Changes } });
  },
});

/** Reads one record by `<zone>/rrset/<type>/<name>`. @throws NoSuchRecord */
async function one(route53: Route53, id: string): Promise<FoundRecord> {
  const [zone = "", , type, ...rest] = id.split("/");
  const name = rest.join("/");
  const { ResourceRecordSets: [set] = [] } = await route53.listResourceRecordSets({
    HostedZoneId: zone,
    StartRecordName: name,
    MaxItems: 1,
    StartRecordType: type as ResourceRecordSet["Type"],
  });
  if (set?.Name !== name || set.Type !== type) throw new NoSuchRecord(`${zone} has no ${type} record ${name}.`);
  return { zone, set };
}

/** The ids of public zones of a name; DNS answers from one of them, and nobody here knows which. */
async function publicZones(route53: Route53, name: string): Promise<string[]> {
  const { paginateListHostedZones } = await import("@aws-sdk/client-route-53");
  const ids: string[] = [];
  for await (const { HostedZones: page = [] } of paginateListHostedZones({ client: route53 }, {}))
    for (const { Id: id = "", Name: zone, Config: config } of page)
      if (zone === `${name}.` && !config?.PrivateZone) ids.push(id.split("/").at(-1) ?? id);
  return ids;
}

async function allOf(route53: Route53, HostedZoneId: string): Promise<ResourceRecordSet[]> {
  const sets: ResourceRecordSet[] = [];
  let from: Omit<ListResourceRecordSetsRequest, "HostedZoneId"> | undefined = {};
  while (from) {
    const page: ListResourceRecordSetsResponse = await route53.listResourceRecordSets({ HostedZoneId, ...from });
    sets.push(...(page.ResourceRecordSets ?? []));
    const { NextRecordName: StartRecordName, NextRecordType: StartRecordType } = page;
    const next = { StartRecordName, StartRecordType, StartRecordIdentifier: page.NextRecordIdentifier };
    from = page.IsTruncated ? next : undefined;
  }
  return sets;
}

/**
 * ExternalDNS notes next to each record whose it is: `heritage=external-dns,external-dns/owner=<who>,...`, in a TXT record
 * of the same name with the type before it. https://github.com/kubernetes-sigs/external-dns/blob/master/docs/registry/txt.md
 */
const noteOf = /^(?:a|aaaa|cname)-/;

/** The environment's own among a zone's records. */
function ours(zone: string, sets: readonly ResourceRecordSet[], { clusterName, domain }: Scope): FoundRecord[] {
  const texts = ({ ResourceRecords: values = [] }: ResourceRecordSet) => values.map(({ Value: value = "" }) => value);
  const isNote = (set: ResourceRecordSet) =>
    set.Type === "TXT" &&
    texts(set).some((value) => {
      const parts = value.replaceAll('"', "").split(",");
      return parts.includes("heritage=external-dns") && parts.includes(`external-dns/owner=${clusterName}`);
    });
  const notes = sets.filter(isNote);
  const noted = new Set(notes.map(({ Name: name = "" }) => name.replace(noteOf, "")));
  // https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
  const isProof = (set: ResourceRecordSet) =>
    set.Type === "CNAME" &&
    set.Name?.startsWith("_") === true &&
    set.Name.slice(set.Name.indexOf(".")) === `.${domain}.` &&
    texts(set).some((value) => /\.acm-validations\.aws\.?$/.test(value));
  const isApps = (set: ResourceRecordSet) =>
    isNote(set) || (["A", "AAAA"].includes(set.Type ?? "") && noted.has(set.Name ?? ""));
  return sets.flatMap((set): FoundRecord[] => {
    if (isApps(set)) return [{ zone, set, use: recordUses.app }];
    return isProof(set) ? [{ zone, set, use: recordUses.proof }] : [];
  });
}
