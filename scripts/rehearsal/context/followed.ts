import { messageOf } from "../../../actions/lib/core/errors.ts";
import type { ClustersOptions, Clusters } from "../cluster/clusters.ts";
import type { OuterCluster } from "../aws/outer-cluster.ts";
import type { KubeContext } from "./context.ts";

/** The one cluster of a context, which is there while EKS has it. */
export interface FollowedKubeContext extends Clusters {
  /** Told by the proxy when EKS makes and deletes the cluster. */
  readonly changed: OuterCluster["changed"];
}

/** Follows what EKS is told, as `followClusters` follows containers. */
export function followKubeContext(
  { cluster, empty }: Pick<KubeContext, "cluster" | "empty">,
  onCluster: ClustersOptions["onCluster"],
): FollowedKubeContext {
  const problems: string[] = [];
  let running: AsyncDisposable | undefined;
  // One after the other: a cluster that is made again finds nothing of the one before.
  let work = Promise.resolve();
  const end = async () => {
    await running?.[Symbol.asyncDispose]();
    running = undefined;
  };
  return {
    find: (name) => (running && name === cluster.name ? cluster : undefined),
    problems,
    changed(state) {
      const next = async () => {
        if (state === "created") running = await onCluster(cluster);
        else {
          await end();
          await empty();
        }
      };
      work = work
        .then(next)
        .catch((error: unknown) => void problems.push(`Cluster ${cluster.name}: ${messageOf(error)}`));
    },
    async [Symbol.asyncDispose]() {
      await work;
      await end();
    },
  };
}
