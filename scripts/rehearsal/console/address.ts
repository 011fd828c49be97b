import { join } from "node:path";
import { clusterName } from "../../../actions/lib/kubernetes/cluster.ts";
import { readConfig } from "../../../actions/lib/config/config.ts";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";
import type { Clusters } from "../cluster/clusters.ts";
import { createInspector } from "../cluster/inspector.ts";
import { findConsole } from "./app.ts";
import { startTcpProxy } from "../cluster/tcp-proxy.ts";
import type { Person } from "../world/person.ts";
import type { World } from "../world/parts.ts";

/** Whether the rehearsed repository has a console, and its world something that it runs in. */
export async function hasConsole({ person, clusters }: Pick<World, "person" | "clusters">): Promise<boolean> {
  return clusters !== undefined && (await findConsole(person.directory)) !== undefined;
}

/**
 * The repository's variables that say where the console is. Elsewhere that is a name in DNS, which is known before the
 * load balancer is; here it is an address that leads to the load balancer as soon as there is one.
 *
 * @returns nothing where the repository has no console, or the world no cluster
 */
export async function consoleVariable(
  person: Person,
  clusters: Clusters | undefined,
  stack: AsyncDisposableStack,
): Promise<Record<string, string>> {
  const console = await findConsole(person.directory);
  if (!clusters || !console) return {};
  const config = await readConfig(join(person.directory, "slipway.yaml"));
  const target = async () => {
    const cluster = clusters.find(clusterName(config, config.deliver));
    if (!cluster) throw new SlipwayError("No cluster runs.");
    const { hostname, port } = new URL(await createInspector(cluster).publicUrl(console.name));
    return { host: hostname, port: Number(port || 80) };
  };
  const proxy = await startTcpProxy({ host: "127.0.0.1", port: 0, target });
  stack.defer(() => proxy.stop());
  // The token does not leave this machine.
  return { CONSOLE_URL: `http://127.0.0.1:${proxy.port}`, CONSOLE_INSECURE: "true" };
}
