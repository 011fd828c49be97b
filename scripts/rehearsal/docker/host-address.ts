import { SlipwayError } from "../../../actions/lib/errors.ts";
import { run } from "../../../actions/lib/process.ts";
import type { Docker } from "./docker.ts";

/**
 * The address of this machine at which both its own processes and the daemon's containers reach a server that listens
 * there: that of the daemon's bridge. Where the daemon runs in a virtual machine (Docker Desktop), a server on the
 * loopback address is reached from containers, too.
 *
 * @throws SlipwayError when the daemon has no bridge
 */
export async function hostAddress(docker: Docker): Promise<string> {
  if (process.platform !== "linux") return "127.0.0.1";
  const format = "{{(index .IPAM.Config 0).Gateway}}";
  const { stdout } = await run(docker.command, ["network", "inspect", "bridge", "--format", format], {
    env: docker.environment,
  });
  const address = stdout.trim();
  if (!/^\d+(\.\d+){3}$/.test(address))
    throw new SlipwayError(`The Docker daemon at ${docker.host} has no bridge with an address.`, {
      next: "Look at: docker network inspect bridge.",
    });
  return address;
}
