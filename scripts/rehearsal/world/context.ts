import { join } from "node:path";
import { environmentOf, readConfig } from "../../../actions/lib/config/config.ts";
import type { OuterCluster } from "../aws/outer-cluster.ts";
import { type KubeContext, type KubeContextOptions, openKubeContext } from "../context/context.ts";
import type { WorldOptions } from "./parts.ts";

/** A cluster of the person's instead of the one that EKS would start, and what is done when EKS is told to. */
export interface Outside {
  context: KubeContext;
  changed: OuterCluster["changed"];
}

/** Checks whether the person's cluster can be rehearsed in; nothing is changed there yet. */
export async function prepareKubeContext(
  { source, folder, progress }: WorldOptions,
  context: KubeContextOptions,
  stack: AsyncDisposableStack,
): Promise<KubeContext> {
  return progress.stage("context", async (stage) => {
    const opened = stack.use(await openKubeContext(context, source, join(folder, "context")));
    const { kubernetes, nodes, emulated } = opened.inspection;
    const config = await readConfig(join(source, "slipway.yaml"));
    const { cluster } = environmentOf(config, config.deliver);
    const production = kubernetes.startsWith(`v${cluster.version}.`) ? "" : ` (production: ${cluster.version})`;
    const own = [...(emulated.loadBalancers ? [] : ["load balancers"]), ...(emulated.volumes ? [] : ["volumes"])];
    const left = own.length > 0 ? `, ${own.join(" and ")} left to its own controllers` : "";
    stage.note(
      `${opened.facts.server}, Kubernetes ${kubernetes}${production}, ${nodes} ${nodes === 1 ? "node" : "nodes"}${left}`,
    );
    return opened;
  });
}

/** Prepares the nodes of the person's cluster: from here on it is the rehearsal's. */
export async function takeKubeContext(context: KubeContext, url: string, { progress }: WorldOptions): Promise<void> {
  await progress.stage("nodes", async (stage) => {
    await context.take(url);
    stage.note(`they reach this machine at ${context.host}`);
  });
}
