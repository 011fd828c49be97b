import { isIPv4 } from "node:net";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";
import { run } from "../../../actions/lib/core/process.ts";
import { ensureSystemPackages } from "../tools/system.ts";
import type { Docker } from "./docker.ts";

/**
 * The address of this machine at which both its own processes and the daemon's containers reach a server that listens
 * there: that of the daemon's bridge. Where the daemon runs in a virtual machine (Docker Desktop), a server on the
 * loopback address is reached from containers, too.
 *
 * @throws SlipwayError when the daemon has no bridge
 */
export async function hostAddress(docker: Pick<Docker, "command" | "environment" | "host">): Promise<string> {
  if (process.platform !== "linux") return "127.0.0.1";
  const bridge = await inspectBridge(docker);
  // A daemon that finds its bridge there, left by an earlier one, may know its network and not its address.
  const address = bridge.gateway ?? (await deviceAddress(bridge.device));
  if (address === undefined)
    throw new SlipwayError(`The Docker daemon at ${docker.host} has no bridge with an address.`, {
      next: "Look at: docker network inspect bridge.",
    });
  return address;
}

async function inspectBridge(docker: Pick<Docker, "command" | "environment">) {
  const { stdout } = await run(docker.command, ["network", "inspect", "bridge"], { env: docker.environment });
  const [network] = JSON.parse(stdout) as {
    IPAM: { Config: { Gateway?: string }[] | null };
    Options: Record<string, string> | null;
  }[];
  return {
    gateway: network?.IPAM.Config?.map(({ Gateway }) => Gateway).find((each) => each && isIPv4(each)),
    device: network?.Options?.["com.docker.network.bridge.name"] ?? "docker0",
  };
}

/** The IPv4 address of a device, also of one that nothing is connected to, which Node.js does not list. */
async function deviceAddress(device: string): Promise<string | undefined> {
  const { ip } = await ensureSystemPackages(["ip"]);
  const { stdout } = await run(ip, ["-4", "-json", "address", "show", "dev", device], { okCodes: [0, 1] });
  const [shown] = JSON.parse(stdout || "[]") as { addr_info: { local: string }[] }[];
  return shown?.addr_info[0]?.local;
}
