import { ACM } from "@aws-sdk/client-acm";
import { Route53 } from "@aws-sdk/client-route-53";
import { afterAll, beforeAll, expect, it } from "vitest";
import { kindOf } from "../kinds.ts";
import type { Scope } from "../scope.ts";
import { marksOf } from "../../../testing/resources/leftovers.ts";
import { startTestAws, type TestAws } from "../../../testing/resources/world.ts";

let aws: TestAws;
let acm: ACM;
let route53: Route53;
let dev: Scope;
let HostedZoneId: string;

/** A record that ExternalDNS makes for a load balancer, and its note. */
const named = (host: string, owner: string) => [
  {
    Name: host,
    Type: "A" as const,
    AliasTarget: {
      HostedZoneId: "Z26RNL4JYFTOTI",
      DNSName: "k8s.elb.us-east-1.amazonaws.com",
      EvaluateTargetHealth: true,
    },
  },
  text(`a-${host}`, `"heritage=external-dns,external-dns/owner=${owner},external-dns/resource=service/x/y"`),
];
const text = (Name: string, Value: string) => ({
  Name,
  Type: "TXT" as const,
  TTL: 300,
  ResourceRecords: [{ Value }],
});
const proof = (Name: string) => ({
  Name,
  Type: "CNAME" as const,
  TTL: 60,
  ResourceRecords: [{ Value: "_1.acm-validations.aws." }],
});

beforeAll(async () => {
  aws = await startTestAws();
  dev = { ...aws.dev, domain: "dev.example.test", zone: "example.test" };
  const settings = {
    endpoint: aws.proxy.endpoint,
    region: dev.region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  acm = new ACM(settings);
  route53 = new Route53(settings);
  const { HostedZone } = await route53.createHostedZone({ Name: "example.test", CallerReference: "1" });
  HostedZoneId = HostedZone?.Id?.split("/").at(-1) ?? "";
  const records = [
    ...named("guests.dev.example.test", dev.clusterName),
    ...named("guests.example.test", "demo-prod"),
    { Name: "by-hand.dev.example.test", Type: "A" as const, TTL: 60, ResourceRecords: [{ Value: "192.0.2.1" }] },
    text("a-by-hand.dev.example.test", '"written by a person"'),
    text("a-longer.dev.example.test", `"heritage=external-dns,external-dns/owner=${dev.clusterName}-2"`),
    proof("_a.dev.example.test"),
    proof("_a.example.test"),
  ];
  const Changes = records.map((ResourceRecordSet) => ({ Action: "CREATE" as const, ResourceRecordSet }));
  await route53.changeResourceRecordSets({ HostedZoneId, ChangeBatch: { Changes } });
  // More than one page of them.
  for (let page = 0; page < 4; page += 1)
    await route53.changeResourceRecordSets({
      HostedZoneId,
      ChangeBatch: {
        Changes: Array.from({ length: 100 }, (_, index) => ({
          Action: "CREATE" as const,
          ResourceRecordSet: text(`n${page}-${index}.a.example.test`, '"x"'),
        })),
      },
    });
  const DomainName = "*.dev.example.test";
  await acm.requestCertificate({ DomainName, ValidationMethod: "DNS", Tags: marksOf(dev) });
  await acm.requestCertificate({ DomainName, ValidationMethod: "DNS" });
  await acm.requestCertificate({ DomainName, ValidationMethod: "DNS", Tags: marksOf({ ...dev, environment: "prod" }) });
});
afterAll(async () => {
  acm.destroy();
  route53.destroy();
  await aws[Symbol.asyncDispose]();
});

const namesOf = async (kind: "dns-record" | "certificate", scope = dev) =>
  (await kindOf(kind).find(scope)).map(({ name, facts }) => `${name}${facts.use ? ` (${facts.use})` : ""}`).sort();

it("finds the environment's own records among a zone's, by what they say of themselves", async () => {
  expect(await namesOf("dns-record")).toEqual([
    "A guests.dev.example.test. (an app's name)",
    "CNAME _a.dev.example.test. (the certificate's proof)",
    "TXT a-guests.dev.example.test. (an app's name)",
  ]);
  expect(await namesOf("dns-record", { ...dev, domain: undefined, zone: undefined })).toEqual([]);
});

it("finds the certificate that has the environment's tags, and not another one for the same name", async () => {
  expect(await namesOf("certificate")).toEqual(["*.dev.example.test"]);
});

it("takes away what it found, and nothing else", async () => {
  const before = await count();
  for (const kind of ["dns-record", "certificate"] as const)
    for (const resource of await kindOf(kind).find(dev)) {
      expect((await kindOf(kind).confirm(dev, resource.id))?.name).toBe(resource.name);
      await kindOf(kind).remove(dev, resource);
      await kindOf(kind).remove(dev, resource); // gone already: fine
      expect(await kindOf(kind).confirm(dev, resource.id)).toBeUndefined();
    }
  expect([await namesOf("dns-record"), await namesOf("certificate")]).toEqual([[], []]);
  expect(await count()).toEqual({ records: before.records - 3, certificates: 2 });
});

it("does not take a refusal for gone", async () => {
  await expect(
    kindOf("dns-record").confirm(dev, "arn:aws:route53:::hostedzone/ZNONE/rrset/A/a.b."),
  ).resolves.toBeUndefined();
  const emptied = { ...dev, credentials: () => Promise.reject(new Error("no credentials")) };
  await expect(kindOf("dns-record").find(emptied)).rejects.toThrow("no credentials");
});

async function count() {
  let records = 0;
  let from = {};
  for (;;) {
    const page = await route53.listResourceRecordSets({ HostedZoneId, ...from });
    records += page.ResourceRecordSets?.length ?? 0;
    if (!page.IsTruncated) break;
    from = { StartRecordName: page.NextRecordName, StartRecordType: page.NextRecordType };
  }
  return { records, certificates: (await acm.listCertificates({})).CertificateSummaryList?.length };
}
