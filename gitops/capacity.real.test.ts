import { join } from "node:path";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { environmentOf, readConfig } from "../actions/lib/config/config.ts";
import { type NodeGroup, nodeGroups } from "../actions/lib/config/nodes.ts";
import { autoscalerOf, readManifest, workloadsOf } from "../actions/lib/rules/manifest.ts";
import { quantity } from "../actions/lib/rules/quota.ts";
import { clusterRights } from "../scripts/identities/kubernetes.ts";

/** How much there is, or is asked for: CPUs, bytes, pods. */
interface Amount {
  cpu: number;
  memory: number;
  pods: number;
}

const none: Amount = { cpu: 0, memory: 0, pods: 0 };
const MiB = 2 ** 20;
const add = (a: Amount, b: Amount, times = 1): Amount => ({
  cpu: a.cpu + times * b.cpu,
  memory: a.memory + times * b.memory,
  pods: a.pods + times * b.pods,
});

/** https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html */
const machines: Readonly<Record<string, { cpu: number; memory: number }>> = {
  "t3.large": { cpu: 2, memory: 8 * 1024 * MiB },
  "t4g.large": { cpu: 2, memory: 8 * 1024 * MiB },
};

/**
 * What pods may ask for on a node. With prefix delegation EKS lets 110 pods run on machines with less than 30 vCPUs
 * (https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html#max-pods-precedence). Its machine image
 * keeps 255 MiB and 11 MiB for each of them, a part of the CPUs, and 100 MiB below which pods are evicted
 * (https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/config.go); the kernel keeps about 4 %.
 */
function allocatable({ types: [type = ""] }: NodeGroup): Amount {
  const machine = machines[type];
  if (!machine) throw new Error(`How large is ${type}? Say it in this test.`);
  const pods = 110;
  return { cpu: machine.cpu - 0.07, memory: machine.memory * 0.96 - (255 + 11 * pods + 100) * MiB, pods };
}

/** What the EKS add-ons ask for on each node, by their own manifests. */
const eachNode: readonly Amount[] = [
  { cpu: 0.05, memory: 0, pods: 1 }, // aws-node with its network policy agent
  { cpu: 0.1, memory: 0, pods: 1 }, // kube-proxy
  { cpu: 0, memory: 0, pods: 1 }, // eks-pod-identity-agent
  { cpu: 0.03, memory: 120 * MiB, pods: 1 }, // ebs-csi-node
];
/** And once in a cluster: two pods each. */
const eachCluster: readonly Amount[] = [
  { cpu: 0.2, memory: 140 * MiB, pods: 2 }, // coredns
  { cpu: 0.12, memory: 480 * MiB, pods: 2 }, // ebs-csi-controller
  { cpu: 0.2, memory: 400 * MiB, pods: 2 }, // metrics-server
];

/** What a cluster's pods ask for at rest: every autoscaler at its least. */
function requested(text: string): Amount {
  const manifests = parseAllDocuments(text).map((document) => {
    const read = readManifest(document.toJS());
    if (!("manifest" in read)) throw new Error(`${read.object}: ${read.problems.join("; ")}`);
    return read.manifest;
  });
  return workloadsOf(manifests).reduce((sum, workload) => {
    const { minReplicas } = autoscalerOf(workload, manifests)?.spec ?? {};
    const once = workload.kind === "Job" || workload.kind === "CronJob";
    const pods = once ? 0 : (minReplicas ?? workload.spec.replicas ?? 1);
    const pod = workload.spec.template.spec.containers.reduce(
      (all, { resources }) => ({
        cpu: all.cpu + quantity(resources?.requests?.["cpu"] ?? "0"),
        memory: all.memory + quantity(resources?.requests?.["memory"] ?? "0"),
        pods: 1,
      }),
      { ...none, pods: 1 },
    );
    return add(sum, pod, pods);
  }, none);
}

const clusters = await clusterRights();
const config = await readConfig(join(import.meta.dirname, "../slipway.yaml"));

test.each(clusters)("what runs in $environment fits on the nodes that it starts with", ({ environment, text }) => {
  const groups = Object.values(nodeGroups(environmentOf(config, environment).cluster.nodes));
  const nodes = groups.reduce((sum, { desired }) => sum + desired, 0);
  const there = groups.reduce((sum, group) => add(sum, allocatable(group), group.desired), none);
  const addOns = eachCluster.reduce(
    (sum, one) => add(sum, one),
    eachNode.reduce((sum, one) => add(sum, one, nodes), none),
  );
  const asked = add(requested(text), addOns);
  expect(requested(text).pods).toBeGreaterThan(5);
  for (const what of ["cpu", "memory", "pods"] as const) expect(asked[what], what).toBeLessThan(there[what]);
});
