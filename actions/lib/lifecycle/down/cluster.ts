import { clusterName } from "../../kubernetes/cluster.ts";
import type { Kubernetes } from "../../kubernetes/kubernetes.ts";
import type { ObjectMeta } from "../../kubernetes/objects.ts";
import { destroyEnvironment } from "./destroy.ts";
import type { Down, Remaining, Teardown } from "./down.ts";
import { listKnown, nameOf } from "./objects.ts";
import { findRemaining, removeFound } from "./resources.ts";

/**
 * What of the root goes first. Terraform would add what needs the cluster by itself, but then believes of that what is in
 * the state, and tries to destroy what an earlier run has destroyed and not written down.
 */
const targets = ["module.workload_addons", "module.nodes", "module.node_addons", "module.cluster"];

/** EKS with its nodes. Until its end, the CNI is there to give back the addresses of pods. */
export const clusterDown: Down = {
  minutes: 60,
  doneWhen: "EKS knows no such cluster, and EC2 no node of it",
  async remaining(teardown: Teardown): Promise<Remaining[]> {
    const { environment } = teardown;
    const found = await findRemaining(environment, ["cluster", "node-group", "instance"]);
    return found.length > 0 ? [...found, ...(await blockingBudgets(await environment.cluster()))] : [];
  },
  async act(teardown: Teardown, _remaining: readonly Remaining[], minutes: number): Promise<void> {
    const { environment, report } = teardown;
    // The CNI has given up what is not in use; once the cluster is gone, nobody looks after these.
    await removeFound(environment, ["network-interface"], ({ facts }) => facts.state === "available", report.line);
    await allowDeletion(teardown);
    await destroyEnvironment(teardown, minutes, targets);
    // What an interrupted apply has made and not written down.
    await removeFound(environment, ["node-group", "cluster"], () => true, report.line);
  },
};

/** EKS refuses to delete a cluster that is protected. */
async function allowDeletion({ environment, report }: Teardown): Promise<void> {
  const { config, credentials, name: environmentName } = environment;
  const { DescribeClusterCommand, EKSClient, UpdateClusterConfigCommand } = await import("@aws-sdk/client-eks");
  const client = new EKSClient({ region: config.aws.region, credentials, maxAttempts: 5 });
  const name = clusterName(config, environmentName);
  try {
    const { cluster } = await client.send(new DescribeClusterCommand({ name }));
    if (!cluster?.deletionProtection) return;
    report.line(`Takes the deletion protection of ${name} away.`);
    await client.send(new UpdateClusterConfigCommand({ name, deletionProtection: false }));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "ResourceNotFoundException") throw error;
  } finally {
    client.destroy();
  }
}

interface Budget {
  metadata: ObjectMeta;
  spec?: { selector?: { matchLabels?: Record<string, string> } };
  status?: { disruptionsAllowed?: number; expectedPods?: number };
}

/** PodDisruptionBudgets that let no pod go: a node with such a pod is not drained. */
async function blockingBudgets(kubernetes: Kubernetes | undefined): Promise<Remaining[]> {
  if (!kubernetes) return [];
  // It explains what is left, and decides nothing: an API server that is on its way out need not answer.
  const budgets = await listKnown<Budget>(kubernetes, "/apis/policy/v1/poddisruptionbudgets").catch(() => []);
  const strict = budgets.filter(({ status }) => status?.disruptionsAllowed === 0 && (status.expectedPods ?? 0) > 0);
  return Promise.all(strict.map((budget) => blockingBudget(kubernetes, budget)));
}

async function blockingBudget(kubernetes: Kubernetes, budget: Budget): Promise<Remaining> {
  const labels = Object.entries(budget.spec?.selector?.matchLabels ?? {});
  const query = new URLSearchParams({ labelSelector: labels.map(([key, value]) => `${key}=${value}`).join(",") });
  const path = `/api/v1/namespaces/${budget.metadata.namespace}/pods?${query.toString()}`;
  const pods = await listKnown(kubernetes, path).catch(() => []);
  return {
    kind: "PodDisruptionBudget",
    name: nameOf(budget),
    why: `lets none of its pods go: ${pods.map(nameOf).join(", ") || "none is seen"}`,
    next: `Delete it: kubectl -n ${budget.metadata.namespace} delete poddisruptionbudget ${budget.metadata.name}.`,
  };
}
