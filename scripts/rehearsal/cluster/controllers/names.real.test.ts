import { request } from "node:https";
import { text } from "node:stream/consumers";
import { ACM } from "@aws-sdk/client-acm";
import { EKS } from "@aws-sdk/client-eks";
import { Route53 } from "@aws-sdk/client-route-53";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { KubernetesObject } from "../../../../actions/lib/kubernetes/objects.ts";
import {
  type CloudControllersFixture,
  cluster,
  nodePorts,
  openCloudControllers,
  servicePath,
  until,
} from "./test-cloud-controllers.ts";

const domain = "dev.example.test";
const prefix = "service.beta.kubernetes.io/aws-load-balancer-";

let fixture: CloudControllersFixture;
let acm: ACM;
let route53: Route53;
let HostedZoneId: string;
let certificate: string;

interface TestService extends KubernetesObject {
  status: { loadBalancer: { ingress?: { ip: string; ports: { port: number }[] }[] } };
}

beforeAll(async () => {
  fixture = await openCloudControllers("127.78.0.3");
  acm = new ACM(fixture.aws);
  route53 = new Route53(fixture.aws);
  const { HostedZone } = await route53.createHostedZone({ Name: "example.test", CallerReference: "1" });
  HostedZoneId = HostedZone?.Id?.split("/").at(-1) ?? "";
  const made = await acm.requestCertificate({ DomainName: `*.${domain}`, ValidationMethod: "DNS" });
  certificate = made.CertificateArn ?? "";
  const eks = new EKS(fixture.aws);
  await eks.createAddon({
    clusterName: cluster,
    addonName: "external-dns",
    configurationValues: JSON.stringify({ domainFilters: [domain], txtOwnerId: cluster }),
  });
  eks.destroy();
}, 3_600_000);
afterEach(() => fixture.clear());
afterAll(async () => {
  acm.destroy();
  route53.destroy();
  await fixture[Symbol.asyncDispose]();
});

/** Makes a Service as an environment with a domain has it, and gives where its TLS ends. */
async function createService(name: string, arn: string): Promise<{ host: string; port: number }> {
  await fixture.kubernetes.create(servicePath, {
    metadata: {
      name,
      annotations: {
        [`${prefix}type`]: "nlb",
        [`${prefix}ssl-cert`]: arn,
        [`${prefix}ssl-ports`]: "443",
        "external-dns.alpha.kubernetes.io/hostname": `${name}.${domain}`,
      },
    },
    spec: {
      type: "LoadBalancer",
      selector: { app: name },
      ports: [
        { name: "https", port: 443, nodePort: nodePorts[0] },
        { name: "http", port: 80, nodePort: nodePorts[1] },
      ],
    },
  });
  return until(async () => {
    const service = await fixture.kubernetes.get<TestService>(`${servicePath}/${name}`);
    const [place] = service?.status.loadBalancer.ingress ?? [];
    const port = place?.ports[0]?.port;
    return place && port !== undefined ? { host: place.ip, port } : undefined;
  });
}

const records = async () => {
  const { ResourceRecordSets: sets = [] } = await route53.listResourceRecordSets({ HostedZoneId });
  return sets.flatMap(({ Type, Name, ResourceRecords: [first] = [] }) =>
    Type === "A" || Type === "TXT" ? [`${Type} ${Name} ${first?.Value}`] : [],
  );
};

/** What a name answers, for whoever trusts `ca`. */
const ask = (at: { host: string; port: number }, servername: string, ca: string | undefined) =>
  new Promise<string>((resolve, reject) => {
    const call = request({ ...at, servername, ca: ca ?? [], path: "/x", agent: false }, (response) => {
      text(response).then(resolve, reject);
    });
    call.on("error", reject);
    call.end();
  });

test("a Service with a certificate and a name answers by TLS, at an address that its zone gives", async () => {
  const at = await createService("web", certificate);
  expect(await ask(at, `web.${domain}`, fixture.authority.certificate)).toBe(`${nodePorts[0]}/x`);
  await expect(ask(at, `web.${domain}`, undefined)).rejects.toThrow(/certificate|issuer/);
  await expect(ask(at, "web.example.test", fixture.authority.certificate)).rejects.toThrow(/altnames/);
  await until(async () => (await records()).length === 2);
  expect(await records()).toEqual([
    `TXT a-web.${domain}. "heritage=external-dns,external-dns/owner=${cluster},external-dns/resource=service/default/web"`,
    `A web.${domain}. ${at.host}`,
  ]);
  const [balancer] = (await fixture.elb.describeLoadBalancers({})).LoadBalancers ?? [];
  const { Listeners = [] } = await fixture.elb.describeListeners({ LoadBalancerArn: balancer?.LoadBalancerArn });
  expect(
    Listeners.map(({ Port, Protocol, Certificates }) => [Port, Protocol, Certificates?.[0]?.CertificateArn]),
  ).toEqual(
    expect.arrayContaining([
      [443, "TLS", certificate],
      [80, "TCP", undefined],
    ]),
  );
  await fixture.kubernetes.delete(`${servicePath}/web`);
  await until(async () => (await records()).length === 0);
});

test("without its certificate a load balancer does not listen, and says why", async () => {
  const missing = certificate.replace(/[^/]+$/, "00000000-0000-0000-0000-000000000000");
  const made = createService("bare", missing).catch(() => "none");
  await until(async () => (await fixture.events("bare")).includes("SyncLoadBalancerFailed"));
  await fixture.kubernetes.delete(`${servicePath}/bare`);
  expect(await made).toBe("none");
});
