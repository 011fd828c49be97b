import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ACM } from "@aws-sdk/client-acm";
import { EKS } from "@aws-sdk/client-eks";
import { IAM } from "@aws-sdk/client-iam";
import { Route53 } from "@aws-sdk/client-route-53";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startEmulator } from "../scripts/rehearsal/aws/emulator/emulator.ts";
import { startProxy } from "../scripts/rehearsal/aws/proxy/proxy.ts";
import { record, roleKey } from "../scripts/rehearsal/permissions/record.ts";
import { administrator, openTerraform, project, type TerraformWorld } from "./test-world.ts";

const parts = new AsyncDisposableStack();
let world: TerraformWorld;
let acm: ACM;
let eks: EKS;
let iam: IAM;
let route53: Route53;
let zone: string;

const named = ["-var=domain=dev.example.test", "-var=zone=example.test"];
const account = ['-var=domains={dev="dev.example.test"}', '-var=zones={dev="example.test"}'];

/** Who applies the environment. */
const role = { as: roleKey };

/** What the zone holds in addition to its own records, as `type name`. */
async function records(): Promise<string[]> {
  const { ResourceRecordSets: sets = [] } = await route53.listResourceRecordSets({ HostedZoneId: zone });
  return sets.flatMap(({ Name: name, Type: type }) => (type === "NS" || type === "SOA" ? [] : [`${type} ${name}`]));
}

beforeAll(async () => {
  const log = join(tmpdir(), `slipway-domain-${String(process.pid)}.log`);
  parts.defer(() => rm(log, { force: true }));
  const emulator = parts.use(await startEmulator({ log }));
  const proxy = parts.use(await startProxy({ upstream: emulator.endpoint, sessions: roleKey.of("demo-apply-dev") }));
  parts.defer(() => record("domain", proxy.calls, { ...project, environment: "dev", domain: "dev.example.test" }));
  world = parts.use(await openTerraform(proxy.endpoint));
  const settings = { endpoint: proxy.endpoint, region: project.region, credentials: administrator };
  acm = new ACM(settings);
  eks = new EKS(settings);
  iam = new IAM(settings);
  route53 = new Route53(settings);
  for (const client of [acm, eks, iam, route53]) parts.defer(() => client.destroy());
});
afterAll(() => parts.disposeAsync());

test("a domain whose zone is not there is refused before anything of it is made", async () => {
  await world.bootstrap();
  const refused = await world.terraform(
    "bootstrap",
    ["plan", "-no-color", "-input=false", "-var-file=world.tfvars.json", ...account],
    { okCodes: [1] },
  );
  expect(refused.stderr).toMatch(/no matching Route 53 Hosted Zone found/);
});

test("the account's owner gives the environment a domain, and ExternalDNS a policy for it", async () => {
  const made = await route53.createHostedZone({ Name: "example.test", CallerReference: "test" });
  zone = made.HostedZone?.Id?.split("/").at(-1) ?? "";
  await world.apply("bootstrap", account);
  expect(await world.isClean("bootstrap", account)).toBe(true);
  const PolicyArn = `arn:aws:iam::${project.account}:policy/demo-dev.external-dns`;
  const { Policy } = await iam.getPolicy({ PolicyArn });
  const { PolicyVersion } = await iam.getPolicyVersion({ PolicyArn, VersionId: Policy?.DefaultVersionId });
  expect(decodeURIComponent(PolicyVersion?.Document ?? "")).toContain(`arn:aws:route53:::hostedzone/${zone}`);
});

test("an environment with a domain has a certificate, its proof in the zone, and who gives names", async () => {
  await world.init("environment", [], role);
  const { stdout } = await world.apply("environment", named, role);
  const arn = /certificate_arn\s*= "(.*)"/.exec(stdout)?.[1];
  const { Certificate: certificate } = await acm.describeCertificate({ CertificateArn: arn });
  expect(certificate).toMatchObject({ DomainName: "*.dev.example.test", Status: "ISSUED" });
  const proof = certificate?.DomainValidationOptions?.[0]?.ResourceRecord?.Name;
  expect(await records()).toEqual([`CNAME ${proof}`]);
  const { addon } = await eks.describeAddon({ clusterName: "demo-dev", addonName: "external-dns" });
  expect(JSON.parse(addon?.configurationValues ?? "")).toMatchObject({
    domainFilters: ["dev.example.test"],
    txtOwnerId: "demo-dev",
    policy: "sync",
    registry: "txt",
  });
  const { associations = [] } = await eks.listPodIdentityAssociations({
    clusterName: "demo-dev",
    namespace: "external-dns",
  });
  expect(associations.map(({ serviceAccount }) => serviceAccount)).toEqual(["external-dns"]);
  const { AttachedPolicies: held = [] } = await iam.listAttachedRolePolicies({ RoleName: "demo-dev.external-dns" });
  expect(held.map(({ PolicyName: name }) => name)).toEqual(["demo-dev.external-dns"]);
  expect(await world.isClean("environment", named, role)).toBe(true);
});

test("what a domain brought goes with it", async () => {
  await world.apply("environment", [], role);
  expect(await records()).toEqual([]);
  expect((await acm.listCertificates({})).CertificateSummaryList).toEqual([]);
  expect((await eks.listAddons({ clusterName: "demo-dev" })).addons).not.toContain("external-dns");
  await world.apply("environment", named, role);
  await world.destroy("environment", named, role);
  expect(await records()).toEqual([]);
  expect((await acm.listCertificates({})).CertificateSummaryList).toEqual([]);
});
