import type { ResourceRecordSet } from "@aws-sdk/client-route-53";
import { expect, it } from "vitest";
import { type NamedService, plan } from "./external-dns.ts";

const settings = { domainFilters: ["dev.example.test"], txtOwnerId: "demo-dev" };

const service = (host: string, ip: string | undefined = "127.77.0.1", type = "LoadBalancer"): NamedService => ({
  metadata: { name: "web", namespace: "guests", annotations: { "external-dns.alpha.kubernetes.io/hostname": host } },
  spec: { type },
  status: { loadBalancer: ip ? { ingress: [{ ip }] } : {} },
});
const record = (Type: "A" | "TXT", name: string, Value: string): ResourceRecordSet => ({
  Name: `${name}.`,
  Type,
  TTL: 300,
  ResourceRecords: [{ Value }],
});
const named = (host: string, owner: string, ip = "127.77.0.1") => [
  record("A", host, ip),
  record(
    "TXT",
    `a-${host}`,
    `"heritage=external-dns,external-dns/owner=${owner},external-dns/resource=service/guests/web"`,
  ),
];
const planned = (services: NamedService[], records: ResourceRecordSet[]) =>
  plan(services, records, settings).map(
    ({ Action, ResourceRecordSet: set }) => `${Action} ${set?.Type} ${set?.Name} ${set?.ResourceRecords?.[0]?.Value}`,
  );

const guests = "guests.dev.example.test";
const note = '"heritage=external-dns,external-dns/owner=demo-dev,external-dns/resource=service/guests/web"';
const made = [`UPSERT A ${guests} 127.77.0.1`, `UPSERT TXT a-${guests} ${note}`];

it.each<[string, NamedService[], ResourceRecordSet[], string[]]>([
  ["a name that is nobody's is made, with whose it is", [service(guests)], [], made],
  ["a name as it is wanted stays", [service(guests)], named(guests, "demo-dev"), []],
  ["another address is changed", [service(guests)], named(guests, "demo-dev", "127.77.0.9"), made],
  ["another environment's name is left alone", [service(guests)], named(guests, "demo-prod"), []],
  ["a person's name is left alone", [service(guests)], [record("A", guests, "192.0.2.1")], []],
  [
    "what nothing asks for any more goes, with its note",
    [],
    named(guests, "demo-dev"),
    [`DELETE A ${guests}. 127.77.0.1`, `DELETE TXT a-${guests}. ${note}`],
  ],
  ["another's that nothing asks for stays", [], named(guests, "demo-dev-2"), []],
  ["a name outside of the domain is not made", [service("guests.example.test")], [], []],
  ["the domain itself is not", [service("dev.example.test")], [], []],
  ["without an address there is nothing to name", [service(guests, "")], [], []],
  ["a Service that is not public has no name", [service(guests, "10.0.0.1", "ClusterIP")], [], []],
  ["several names, one with a dot at its end", [service(`${guests}., other.example.test`)], [], made],
])("%s", (_, services, records, changes) => {
  expect(planned(services, records)).toEqual(changes);
});
