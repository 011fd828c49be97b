import type { Change, ResourceRecordSet, Route53 } from "@aws-sdk/client-route-53";
import type { EKS } from "@aws-sdk/client-eks";
import { SlipwayError } from "../../../../actions/lib/core/errors.ts";
import type { Kubernetes } from "../../../../actions/lib/kubernetes/kubernetes.ts";
import type { KubernetesObject } from "../../../../actions/lib/kubernetes/objects.ts";
import type { WatchedKind } from "./controller.ts";

/** A Service, as far as its name goes. */
export interface NamedService extends KubernetesObject {
  spec: { type?: string };
  status?: { loadBalancer?: { ingress?: { ip?: string }[] } };
}

/** What the EKS add-on is told, as far as it is played. */
export interface ExternalDnsSettings {
  domainFilters: string[];
  txtOwnerId: string;
}

/** https://github.com/kubernetes-sigs/external-dns/blob/master/docs/annotations/annotations.md */
const hostname = "external-dns.alpha.kubernetes.io/hostname";

/**
 * ExternalDNS, as EKS's add-on runs it: with the source "service", the policy "sync" and the registry "txt". Its own module
 * would be compiled in minutes for this one file; what is played here is its plan: what is wanted, what is there, and whose.
 * A load balancer has an address of this machine in its status and no name, so a name leads there by an A record
 * without an alias. https://github.com/kubernetes-sigs/external-dns/blob/master/docs/initial-design.md
 */
export function names(kubernetes: Kubernetes, aws: { eks: EKS; route53: Route53 }, cluster: string): WatchedKind {
  let last: Promise<unknown> = Promise.resolve();
  return {
    path: "/api/v1/services",
    // It always compares everything, and one comparison after the other.
    reconcile: (key, step) =>
      (last = last
        .catch(() => {})
        .then(async () => {
          const settings = await settingsOf(aws.eks, cluster);
          if (!settings) return;
          const { items } = await kubernetes.list<NamedService>("/api/v1/services");
          for (const domain of settings.domainFilters) {
            const HostedZoneId = await zoneOf(aws.route53, domain);
            const { ResourceRecordSets = [] } = await aws.route53.listResourceRecordSets({ HostedZoneId });
            const Changes = plan(items, ResourceRecordSets, { ...settings, domainFilters: [domain] });
            if (Changes.length === 0) continue;
            const change = { HostedZoneId, ChangeBatch: { Changes } };
            await step("ChangeResourceRecordSets", () => aws.route53.changeResourceRecordSets(change));
          }
        })) as Promise<void>,
  };
}

/** What the add-on is told; undefined where it is not installed. */
async function settingsOf(eks: EKS, clusterName: string): Promise<ExternalDnsSettings | undefined> {
  try {
    const { addon } = await eks.describeAddon({ clusterName, addonName: "external-dns" });
    return JSON.parse(addon?.configurationValues ?? "") as ExternalDnsSettings;
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFoundException") return undefined;
    throw error;
  }
}

/** The zone that a domain is in: the one with the longest name. */
async function zoneOf(route53: Route53, domain: string): Promise<string> {
  const { HostedZones = [] } = await route53.listHostedZones({});
  const around = HostedZones.filter(({ Name = "" }) => `.${domain}.`.endsWith(`.${Name}`));
  const [zone] = around.sort((one, other) => (other.Name ?? "").length - (one.Name ?? "").length);
  if (!zone?.Id) throw new SlipwayError(`no hosted zone is around ${domain}`);
  return zone.Id.split("/").at(-1) ?? zone.Id;
}

/**
 * What has to be changed so that each Service has the name that it asks for: what is nobody's is made, what is this
 * cluster's is changed and deleted, and everybody else's is left alone.
 */
export function plan(
  services: readonly NamedService[],
  records: readonly ResourceRecordSet[],
  { domainFilters, txtOwnerId }: ExternalDnsSettings,
): Change[] {
  const wanted = new Map<string, { addresses: string[]; resource: string }>();
  for (const { metadata, spec, status } of services) {
    const addresses = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
    if (spec.type !== "LoadBalancer" || addresses.length === 0) continue;
    for (const host of (metadata.annotations?.[hostname] ?? "")
      .split(",")
      .map((name) => name.trim().replace(/\.$/, "")))
      if (domainFilters.some((domain) => host.endsWith(`.${domain}`)) && !wanted.has(host))
        wanted.set(host, { addresses, resource: `service/${metadata.namespace}/${metadata.name}` });
  }
  const find = (type: string, name: string) => records.find(({ Type, Name }) => Type === type && Name === `${name}.`);
  const isOurs = (host: string) =>
    find("TXT", `a-${host}`)?.ResourceRecords?.some(({ Value = "" }) =>
      Value.replaceAll('"', "").split(",").includes(`external-dns/owner=${txtOwnerId}`),
    ) ?? false;
  const changes: Change[] = [];
  for (const [host, { addresses, resource }] of wanted) {
    const there = find("A", host);
    if (there ? !isOurs(host) : find("TXT", `a-${host}`) !== undefined && !isOurs(host)) continue;
    const values = (there?.ResourceRecords ?? []).map(({ Value }) => Value);
    if (there && values.join() === addresses.join()) continue;
    const note = `"heritage=external-dns,external-dns/owner=${txtOwnerId},external-dns/resource=${resource}"`;
    for (const [Name, Type, list] of [
      [host, "A", addresses],
      [`a-${host}`, "TXT", [note]],
    ] as const)
      changes.push({
        Action: "UPSERT",
        ResourceRecordSet: { Name, Type, TTL: 300, ResourceRecords: list.map((Value) => ({ Value })) },
      });
  }
  for (const record of records) {
    const host = record.Name?.replace(/\.$/, "") ?? "";
    const inside = domainFilters.some((domain) => host.endsWith(`.${domain}`));
    if (record.Type !== "A" || !inside || wanted.has(host) || !isOurs(host)) continue;
    for (const ResourceRecordSet of [record, find("TXT", `a-${host}`)])
      if (ResourceRecordSet) changes.push({ Action: "DELETE", ResourceRecordSet });
  }
  return changes;
}
