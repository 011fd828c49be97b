import { EC2, type NetworkInterface } from "@aws-sdk/client-ec2";
import { rootCredentials } from "./emulator.ts";

/** How long the interfaces of a deleted load balancer stay, in milliseconds; in AWS seconds to minutes. */
const lingering = 2_000;

/**
 * The interfaces that the load balancing service puts into subnets, one for each, and takes away a while after the load
 * balancer is deleted. They are the emulator's, and known by their description.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/introduction.html
 */
export class NetworkInterfaces {
  readonly #upstream: string;
  readonly #clients = new Map<string, EC2>();
  /** When the interfaces of a deleted load balancer go, by its name and id. */
  readonly #released = new Map<string, number>();
  /** The load balancers without public addresses, by name and id. */
  readonly #internal = new Set<string>();

  /** @param upstream the emulator's address */
  constructor(upstream: string) {
    this.#upstream = upstream;
  }

  /** EC2 as the emulator has it, asked by the owner of everything. */
  emulator(region: string): EC2 {
    const client =
      this.#clients.get(region) ?? new EC2({ endpoint: this.#upstream, region, credentials: rootCredentials });
    this.#clients.set(region, client);
    return client;
  }

  /** Every interface of a region; those whose time is up are gone before it answers. */
  async list(region: string): Promise<NetworkInterface[]> {
    const ec2 = this.emulator(region);
    const { NetworkInterfaces: found = [] } = await ec2.describeNetworkInterfaces({});
    const over = found.filter(({ Description }) => {
      const end = this.#released.get(loadBalancerOf(Description) ?? "");
      return end !== undefined && end <= Date.now();
    });
    for (const { NetworkInterfaceId } of over) await ec2.deleteNetworkInterface({ NetworkInterfaceId });
    return found.filter((one) => !over.includes(one));
  }

  /** Puts one into each subnet of a load balancer. @param made as CreateLoadBalancer says it; `type` may be empty */
  async create(region: string, arn: string, made: { type: string; scheme: string }, subnets: readonly string[]) {
    const { type, scheme } = made;
    if (scheme === "internal") this.#internal.add(nameAndId(arn));
    const Description = `ELB ${type === "network" ? "net" : "app"}/${nameAndId(arn)}`;
    for (const SubnetId of subnets) await this.emulator(region).createNetworkInterface({ SubnetId, Description });
  }

  /**
   * The public address of a load balancer's interface, which AWS lends and bills for, as it does in each of its zones:
   * one of those for benchmarks, https://www.rfc-editor.org/rfc/rfc2544. Undefined where the load balancer is internal.
   *
   * @param id of the interface
   */
  addressOf(description: string, id: string): string | undefined {
    if (this.#internal.has(loadBalancerOf(description) ?? "")) return undefined;
    const last = Number.parseInt(id.slice(-4), 16);
    return `198.18.${last >> 8}.${last & 255}`;
  }

  /** Lets a load balancer's go, a while from now. */
  release(arn: string): void {
    this.#released.set(nameAndId(arn), Date.now() + lingering);
  }
}

function nameAndId(loadBalancerArn: string): string {
  return loadBalancerArn.split("/").slice(-2).join("/");
}

/**
 * The name and id of the load balancer that an interface with a description belongs to: nobody else may detach or
 * delete it. Undefined for any other interface.
 */
export function loadBalancerOf(description = ""): string | undefined {
  return /^ELB (?:net|app)\/(.+\/.+)$/.exec(description)?.[1];
}
