import { EKS } from "@aws-sdk/client-eks";
import { setTimeout as sleep } from "node:timers/promises";
import { type Kubernetes, KubernetesError } from "../../../actions/lib/kubernetes/kubernetes.ts";
import { type KubernetesObject } from "../../../actions/lib/kubernetes/objects.ts";
import type { AwsResponse } from "./proxy/aws-errors.ts";
import type { AwsOperation } from "./proxy/aws-operations.ts";
import { rootCredentials } from "./emulator/emulator.ts";
import { patchJson, type EmulatorPatch } from "./emulator/patch.ts";

/** Asks the pods of a node group once to go. @returns whether none is left that had to */
export type DrainNodes = () => Promise<boolean>;

/** Milliseconds between two rounds of a drain. */
const pause = 500;

/**
 * EKS drains the nodes of a node group before it ends them, and it is DELETING until then. The emulator has no pods, and
 * deletes it at once. https://docs.aws.amazon.com/eks/latest/userguide/delete-managed-node-group.html
 *
 * @param upstream the emulator's address
 */
export function nodeDrainPatch(upstream: string, drain: DrainNodes): EmulatorPatch {
  const draining = new Set<string>();
  /** What EKS has said of each node group. */
  const known = new Map<string, AwsResponse>();
  const keyOf = ({ path }: AwsOperation) => `${path.clusterName ?? path.name}/${path.nodegroupName}`;
  const empty = async ({ region }: AwsOperation, key: string) => {
    const [clusterName, nodegroupName] = key.split("/");
    while (!(await drain().catch(() => false))) await sleep(pause);
    const eks = new EKS({ endpoint: upstream, region, credentials: rootCredentials });
    await eks.deleteNodegroup({ clusterName, nodegroupName }).finally(() => eks.destroy());
    draining.delete(key);
  };
  return {
    name: "eks-node-drain",
    operations: ["eks:DeleteNodegroup", "eks:DescribeNodegroup", "eks:DeleteCluster"],
    answer({ operation }) {
      const key = keyOf(operation);
      const record = known.get(key);
      if (operation.action !== "DeleteNodegroup" || !record) return Promise.resolve(undefined);
      if (!draining.has(key)) void empty(operation, key);
      draining.add(key);
      return Promise.resolve(deleting(record));
    },
    refuse({ operation }) {
      const used = [...draining].some((key) => key.startsWith(`${operation.path.name}/`));
      if (operation.action !== "DeleteCluster" || !used) return Promise.resolve(undefined);
      const message = "Cluster has nodegroups attached";
      return Promise.resolve({ code: "ResourceInUseException", message, status: 409 });
    },
    rewrite({ operation, answer }) {
      if (operation.action !== "DescribeNodegroup") return undefined;
      const key = keyOf(operation);
      if (answer.status < 300) known.set(key, answer);
      else known.delete(key);
      return draining.has(key) ? deleting(answer) : undefined;
    },
  };
}

function deleting(answer: AwsResponse): AwsResponse | undefined {
  return patchJson(answer, (body) => ({ ...body, nodegroup: { ...(body.nodegroup as object), status: "DELETING" } }));
}

/**
 * Drains every node of a cluster as EKS does, by evictions, which respect PodDisruptionBudgets. No node has to end the
 * pods: they are given no time to.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
 */
export function evictPods(kubernetes: Kubernetes): DrainNodes {
  return async () => {
    const { items } = await kubernetes.list("/api/v1/pods");
    const refusals = await Promise.all(items.map((pod) => refused(kubernetes, pod)));
    return !refusals.includes(true);
  };
}

async function refused(kubernetes: Kubernetes, { metadata: { namespace = "", name } }: KubernetesObject) {
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { namespace, name } };
  try {
    await kubernetes.create(`/api/v1/namespaces/${namespace}/pods/${name}/eviction`, {
      ...eviction,
      deleteOptions: { gracePeriodSeconds: 0 },
    });
    return false;
  } catch (error) {
    if (error instanceof KubernetesError && error.status === 404) return false;
    return true;
  }
}
