import { createHash } from "node:crypto";
import { SlipwayError } from "../../../../actions/lib/core/errors.ts";
import type { KeyPair } from "../certificates.ts";
import { startTcpProxy, type ProxyTarget, type TcpProxy, type TcpProxyOptions } from "../tcp-proxy.ts";

/** A port of a Service and the node's port behind it. */
export interface ForwardedPort {
  port: number;
  nodePort: number;
  /** The ARN of the certificate with which TLS ends there; plain TCP without one. */
  certificate?: string | undefined;
}

/** A port that is listened on, and what leads where. */
interface Open extends Omit<ForwardedPort, "port"> {
  proxy: TcpProxy;
}

/** Where a load balancer is reached from this machine: an entry of a Service's `status.loadBalancer.ingress`. */
export interface LoadBalancerIngress {
  /**
   * An address of this machine alone. AWS gives a host name here; nothing on this machine would resolve one.
   */
  ip: string;
  /** A proxy's address is not the Service's: pods do not take a short cut to it. */
  ipMode: "Proxy";
  /** In the order of the Service's ports; they are other ones where the Service's could not be listened on. */
  ports: { port: number; protocol: "TCP" }[];
}

/** An address or a port that this machine, or this user, does not have. */
const unavailable = new Set(["EACCES", "EADDRINUSE", "EADDRNOTAVAIL"]);

/**
 * The traffic of load balancers, which goes on whether or not a controller takes care of them, as in AWS. Each has a
 * loopback address of its own (Linux has all of 127.0.0.0/8) and listens on the Service's own ports. Where it may not
 * (ports below 1024 without root, macOS), it listens on a free port of 127.0.0.1.
 */
export class LoadBalancerTraffic implements AsyncDisposable {
  readonly #target: (nodePort: number) => Promise<ProxyTarget>;
  readonly #certificates: ((arn: string) => Promise<KeyPair>) | undefined;
  readonly #open = new Map<string, Map<number, Open>>();

  /**
   * @param target where a node's port is reached from this machine
   * @param certificates what a listener with a certificate shows
   */
  constructor(target: (nodePort: number) => Promise<ProxyTarget>, certificates?: (arn: string) => Promise<KeyPair>) {
    this.#target = target;
    this.#certificates = certificates;
  }

  /** Lets a load balancer listen on these ports and no others; connections through ports that stay, stay. */
  async open(name: string, ports: readonly ForwardedPort[]): Promise<LoadBalancerIngress[]> {
    const listeners = this.#open.get(name) ?? new Map<number, Open>();
    this.#open.set(name, listeners);
    for (const [port, { proxy, certificate }] of listeners) {
      if (ports.some((one) => one.port === port && one.certificate === certificate)) continue;
      listeners.delete(port);
      await proxy.stop();
    }
    for (const { port, nodePort, certificate } of ports) {
      const known = listeners.get(port);
      if (known) {
        known.nodePort = nodePort;
        continue;
      }
      const target = () => this.#target(listeners.get(port)?.nodePort ?? nodePort);
      const tls = certificate === undefined ? undefined : await this.#keyPair(certificate);
      listeners.set(port, { nodePort, certificate, proxy: await listenFor(name, { port, target, tls }) });
    }
    return ingressOf(ports.flatMap(({ port }) => listeners.get(port)?.proxy ?? []));
  }

  async #keyPair(certificate: string): Promise<KeyPair> {
    if (!this.#certificates) throw new SlipwayError(`nobody issues what is shown for ${certificate}`);
    return this.#certificates(certificate);
  }

  /** Ends a load balancer's listeners and connections; one that is not known is not an error. */
  async close(name: string): Promise<void> {
    const listeners = this.#open.get(name);
    this.#open.delete(name);
    await Promise.all([...(listeners?.values() ?? [])].map(({ proxy }) => proxy.stop()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open.keys()].map((name) => this.close(name)));
  }
}

async function listenFor(name: string, options: Omit<TcpProxyOptions, "host">): Promise<TcpProxy> {
  try {
    return await startTcpProxy({ host: addressOf(name), ...options });
  } catch (error) {
    if (!unavailable.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return startTcpProxy({ ...options, host: "127.0.0.1", port: 0 });
  }
}

/** A load balancer's own address, the same whenever it is asked for: 127.77.0.1 to 127.77.255.254. */
export function addressOf(name: string): string {
  const [third = 0, fourth = 0] = createHash("sha256").update(name).digest();
  return `127.77.${third}.${1 + (fourth % 254)}`;
}

function ingressOf(listeners: readonly TcpProxy[]): LoadBalancerIngress[] {
  const hosts = Map.groupBy(listeners, ({ host }) => host);
  return [...hosts].map(([ip, all]) => ({
    ip,
    ipMode: "Proxy",
    ports: all.map(({ port }) => ({ port, protocol: "TCP" })),
  }));
}
