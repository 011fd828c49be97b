import { connect } from "node:net";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { type ComposeManifest, portNumber, servicesOf, type ComposeWorkload, workloadsOf } from "./manifests.ts";

/** A port of this machine that leads to an app's workload. */
export interface PublishedPort {
  app: string;
  workload: string;
  /** The Service whose port it is. */
  service: string;
  /** The number on this machine. */
  port: number;
  /** The container's. */
  target: number;
  /** Whether it is how the world comes in, in the cluster through a load balancer. */
  public: boolean;
  /** What a browser, or the program that speaks its protocol, is given. */
  address: string;
}

/** Only this machine's own programs reach them. */
export const host = "127.0.0.1";

/** The ports by which people work on an app, in addition to the way that everybody comes in. */
const working = new Set(["http", "postgres"]);

/**
 * The ports that an app has on this machine: those of its load balancers, its APIs' and its database's, each with the
 * number that its Service has. Where several have the same number, the first by name has it.
 *
 * @param offset added to each number
 */
export function publishedPorts(app: string, manifests: readonly ComposeManifest[], offset: number): PublishedPort[] {
  const ports = workloadsOf(manifests).flatMap((workload) =>
    servicesOf(workload, manifests).flatMap((service) => portsOf(app, workload, service, offset)),
  );
  // The load balancer's first: it is what people look for.
  ports.sort((a, b) => Number(b.public) - Number(a.public) || a.port - b.port || (a.service < b.service ? -1 : 1));
  return ports.filter(({ port }, index) => ports.findIndex((each) => each.port === port) === index);
}

function portsOf(app: string, workload: ComposeWorkload, service: ComposeManifest, offset: number): PublishedPort[] {
  const isPublic = service.spec?.type === "LoadBalancer";
  const [container] = workload.spec.template.spec.containers;
  return (service.spec?.ports ?? [])
    .filter(({ name }) => isPublic || working.has(name ?? ""))
    .map(({ name, port, targetPort = port }) => ({
      app,
      workload: workload.metadata.name,
      service: service.metadata.name,
      port: port + offset,
      target: portNumber(container, targetPort),
      public: isPublic,
      address: addressOf(port + offset, isPublic || name === "http"),
    }));
}

function addressOf(port: number, http: boolean): string {
  return http ? new URL(`http://${host}:${port}`).href : `${host}:${port}`;
}

/**
 * Refuses ports that cannot be had, before anything starts.
 *
 * @param holder which app holds a port already, by number: the app's name
 * @throws SlipwayError naming each port, who has it and what to do
 */
export async function refuseTakenPorts(
  ports: readonly PublishedPort[],
  holder: ReadonlyMap<number, string>,
): Promise<void> {
  const problems: string[] = [];
  for (const [index, each] of ports.entries()) {
    const { app, service, port } = each;
    if (port > 65_535) {
      problems.push(`${service} of ${app} would get port ${port}, and 65535 is the last.`);
      continue;
    }
    const twin = ports.slice(0, index).find((earlier) => earlier.port === port);
    const owner = twin ? `${twin.service} of ${twin.app}` : await ownerOf(port, holder);
    if (owner && owner !== app) problems.push(`Port ${port}, which ${service} of ${app} needs, belongs to ${owner}.`);
  }
  if (problems.length > 0)
    throw new SlipwayError(problems.join("\n"), {
      next: "End what holds it, or move all ports of the app: --port-offset 10000.",
      reason: "port-taken",
    });
}

async function ownerOf(port: number, holder: ReadonlyMap<number, string>): Promise<string | undefined> {
  return holder.get(port) ?? ((await isTaken(port)) ? "another program" : undefined);
}

/** Asking is what tells: listening may be forbidden where Docker may. */
function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 });
    const settle = (taken: boolean) => {
      socket.destroy();
      resolve(taken);
    };
    socket.once("connect", () => settle(true));
    socket.once("timeout", () => settle(false));
    socket.once("error", () => settle(false));
  });
}
