import { Route53 } from "@aws-sdk/client-route-53";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { type ClusterFixture, eventually, openClusterFixture } from "../../../testing/lifecycle/down/fixture.ts";
import { nothingInAws } from "../../../testing/lifecycle/down/fixture-aws.ts";

const domain = "dev.example.test";
let fixture: ClusterFixture;
let route53: Route53;
beforeAll(async () => {
  fixture = await openClusterFixture(domain);
  route53 = new Route53(fixture.aws);
  await fixture.up();
}, 3_600_000);
afterAll(async () => {
  route53.destroy();
  await fixture[Symbol.asyncDispose]();
});

/** What the zone holds in addition to its own records. */
async function records(): Promise<string[]> {
  const { HostedZones: [zone] = [] } = await route53.listHostedZones({});
  const { ResourceRecordSets: sets = [] } = await route53.listResourceRecordSets({ HostedZoneId: zone?.Id });
  return sets.flatMap(({ Type, Name }) => (Type === "A" || Type === "TXT" ? [`${Type} ${Name}`] : []));
}

const named = [`TXT a-guests.${domain}.`, `A guests.${domain}.`];

it("gives the app's public Service its name and TLS, by Argo CD's own ApplicationSet", async () => {
  const path = "/api/v1/namespaces/guests/services/guests-nginx";
  type Service = KubernetesObject & { spec: { ports: { name: string; port: number; targetPort: string }[] } };
  const service = await eventually("the Service has its name", async () => {
    const found = await fixture.kubernetes.get<Service>(path);
    return found?.metadata.annotations?.["external-dns.alpha.kubernetes.io/hostname"] ? found : undefined;
  });
  expect(service.metadata.annotations).toMatchObject({
    "external-dns.alpha.kubernetes.io/hostname": `guests.${domain}`,
    "service.beta.kubernetes.io/aws-load-balancer-ssl-cert": expect.stringContaining(":certificate/"),
  });
  const ports = service.spec.ports.map(({ name, port, targetPort }) => `${name} ${port} ${targetPort}`);
  expect(ports).toEqual(["https 443 https", "http 80 redirect"]);
  await eventually("the name is in the zone", async () => (await records()).length === 2);
  expect(await records()).toEqual(named);
});

it("takes the names away with the apps, also where ExternalDNS is dead", async () => {
  await fixture.controllers.stop("external-dns");
  const { stages, error } = await fixture.down({ until: "apps" });
  expect(error).toBeUndefined();
  expect(stages).toEqual(["delivery: gone", "apps: gone"]);
  expect(await records()).toEqual([]);
  expect((await fixture.list()).aws).toEqual({ ...nothingInAws, volumes: ["1 GB"] });
});
