import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { text } from "node:stream/consumers";
import { Route53 } from "@aws-sdk/client-route-53";
import { hostOf } from "../../../actions/lib/config/names.ts";
import { publicServices } from "../cluster/inspector.ts";
import { type Checks, insist } from "../checks/checks.ts";
import type { World } from "../world/parts.ts";
import { inspectorOf } from "./checks.ts";

/** What an address answers: from a chain that the rehearsal's authority ends, where it is asked by https. */
interface Answered {
  status: number | undefined;
  headers: IncomingMessage["headers"];
  body: string;
}

/**
 * Every public app answers at its name, as a visitor finds it: the name from the zone, the chain from the authority, and
 * http leads to https.
 */
export async function checkNames(world: World, checks: Checks): Promise<void> {
  const { names } = world;
  if (!names) return;
  const inspector = await inspectorOf(world);
  const services = await publicServices(inspector.kubernetes);
  await checks.check("Every public app has a name", () => {
    insist(services.length > 0, "there is no public Service");
    return services.map(({ metadata }) => hostOf(metadata.namespace ?? "", names.domain)).join(", ");
  });
  for (const { metadata, spec, status } of services) {
    const host = hostOf(metadata.namespace ?? "", names.domain);
    // Where the Service's own ports could not be listened on, the load balancer has others, in their order.
    const listeners = status?.loadBalancer?.ingress?.flatMap(({ ports = [] }) => ports) ?? [];
    const portOf = (port: number) => listeners[spec.ports.findIndex((each) => each.port === port)]?.port ?? port;
    await checks.check(`https://${host} answers with a chain that validates`, async () => {
      const address = await addressIn(world, host);
      const tls = { ...to(address, portOf(443), host), servername: host, ca: names.authority };
      const { status: code = 0, headers, body } = await ask(httpsRequest, tls);
      insist(code === 200, `it was answered with ${code}: ${body.slice(0, 200)}`);
      const kept = headers["strict-transport-security"];
      insist(kept === "max-age=31536000", `its Strict-Transport-Security is ${kept ?? "not there"}`);
      const distrusted = await ask(httpsRequest, { ...tls, ca: [] }).then(
        () => "taken",
        () => "refused",
      );
      insist(distrusted !== "taken", "its chain is taken without the authority, too");
      return `${address}:${portOf(443)}, HSTS for a year`;
    });
    await checks.check(`http://${host} leads there`, async () => {
      const { status: code, headers } = await ask(httpRequest, to(await addressIn(world, host), portOf(80), host));
      const expected = `https://${host}/`;
      insist(code === 308 && headers.location === expected, `${code} to ${headers.location ?? "nowhere"}`);
      return `308 to ${expected}`;
    });
  }
}

/** A question that must meet the name and not the address; over a connection of its own. */
const to = (host: string, port: number, name: string): RequestOptions => ({
  host,
  port,
  path: "/",
  headers: { host: name },
  agent: false,
  timeout: 10_000,
});

/** The address that the zone gives a name. @throws Error when it gives none */
async function addressIn({ emulator, region, names }: World, host: string): Promise<string> {
  const { endpoint, credentials } = emulator;
  const route53 = new Route53({ endpoint, region, credentials });
  try {
    const { ResourceRecordSets = [] } = await route53.listResourceRecordSets({ HostedZoneId: names?.zoneId });
    const record = ResourceRecordSets.find(({ Type, Name }) => Type === "A" && Name === `${host}.`);
    const address = record?.ResourceRecords?.[0]?.Value;
    const all = ResourceRecordSets.map(({ Type, Name }) => `${Type} ${Name}`).join(", ");
    insist(address !== undefined, `the zone has no A record of it: ${all}`);
    return address;
  } finally {
    route53.destroy();
  }
}

function ask(
  request: (options: object, answer: (response: IncomingMessage) => void) => ReturnType<typeof httpRequest>,
  options: object,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const call = request(options, (response) => {
      const { statusCode: status, headers } = response;
      text(response).then((body) => resolve({ status, headers, body }), reject);
    });
    call.on("timeout", () => call.destroy(new Error("no answer within 10 s")));
    call.on("error", reject);
    call.end();
  });
}
