import { neededFlows, openFlows } from "./flows.ts";
import {
  autoscalerOf,
  behind,
  type Container,
  labelsOf,
  type Manifest,
  type PodSpec,
  selects,
  type Workload,
  workloadsOf,
} from "./manifest.ts";
import { peakNeeds, quantity } from "./quota.ts";

/**
 * What the manifests of one app in one environment owe beside the schemas.
 *
 * @param manifests everything that the overlay renders to
 * @param options `released`: the images are a release's, so each must be named by digest
 * @returns one line for each fault
 */
export function findFaults(manifests: Manifest[], { released }: { released: boolean }): string[] {
  const workloads = workloadsOf(manifests);
  return [
    ...manifests.flatMap((manifest) => named(manifest, objectFaults(manifest, manifests))),
    ...workloads.flatMap((workload) => named(workload, podFaults(workload.spec.template.spec, released))),
    ...workloads.flatMap((workload) => named(workload, workloadFaults(workload, manifests))),
    ...namespaceFaults(manifests),
  ];
}

/** Faults under the name of the object that has them. */
function named({ kind, metadata }: Manifest, faults: string[]): string[] {
  return faults.map((text) => `${kind}/${metadata.name}: ${text}`);
}

function objectFaults(manifest: Manifest, all: Manifest[]): string[] {
  const { kind, metadata, spec } = manifest;
  const annotations = metadata.annotations ?? {};
  const faults: string[] = [];
  if (kind === "Secret") faults.push("a Secret in git");
  if (kind !== "Namespace" && !isClusterWide(manifest) && !metadata.namespace) faults.push("no namespace");
  if (!annotations["argocd.argoproj.io/sync-wave"]) faults.push("no sync wave");
  if (kind === "Namespace") {
    if (metadata.labels?.["pod-security.kubernetes.io/enforce"] !== "restricted")
      faults.push("does not enforce the restricted profile");
    if (!annotations["argocd.argoproj.io/sync-options"]?.split(",").includes("Delete=false"))
      faults.push("its volumes and passwords would go with its Application");
  }
  // Its template cannot be changed, and each release changes it.
  if (kind === "Job" && !annotations["argocd.argoproj.io/hook-delete-policy"]?.includes("BeforeHookCreation"))
    faults.push("is no hook that is made anew at each sync");
  if (kind === "Service" && spec?.externalTrafficPolicy === "Local")
    for (const workload of behind(manifest, all)) faults.push(...localTrafficFaults(workload));
  return faults;
}

function isClusterWide(manifest: Manifest): boolean {
  return /^(Cluster|CustomResource|PriorityClass|StorageClass)/.test(manifest.kind);
}

/** A load balancer takes up to 20 s (two failures, 10 s apart) to notice that a node has lost its last pod. */
function localTrafficFaults({ metadata, spec }: Workload): string[] {
  const { containers, topologySpreadConstraints, terminationGracePeriodSeconds = 30 } = spec.template.spec;
  const pause = Math.max(...containers.map(({ lifecycle }) => lifecycle?.preStop?.sleep?.seconds ?? 0));
  const faults: string[] = [];
  if (pause < 30) faults.push(`${metadata.name} ends before the load balancer has noticed`);
  if (pause >= terminationGracePeriodSeconds) faults.push(`${metadata.name} is killed while it waits for its end`);
  const nodes = topologySpreadConstraints?.find(({ topologyKey }) => topologyKey === "kubernetes.io/hostname");
  if (nodes?.whenUnsatisfiable !== "DoNotSchedule") faults.push(`${metadata.name} may leave a node without a pod`);
  return faults;
}

function podFaults(pod: PodSpec, released: boolean): string[] {
  const faults: string[] = [];
  if (!pod.serviceAccountName) faults.push("runs as the default ServiceAccount");
  if (pod.automountServiceAccountToken === undefined) faults.push("does not say whether it gets a token");
  if (pod.securityContext?.runAsNonRoot !== true) faults.push("may run as root");
  if (!pod.securityContext?.runAsUser) faults.push("names no user by number");
  if (pod.securityContext?.seccompProfile?.type !== "RuntimeDefault") faults.push("no seccomp profile");
  for (const { name, emptyDir } of pod.volumes ?? [])
    if (emptyDir && !emptyDir.sizeLimit) faults.push(`volume ${name}: may fill the node's disk`);
  for (const container of [...(pod.initContainers ?? []), ...pod.containers])
    for (const text of containerFaults(container, released)) faults.push(`container ${container.name}: ${text}`);
  return faults;
}

function containerFaults({ image, resources, securityContext: context }: Container, released: boolean): string[] {
  const faults: string[] = [];
  if (/:latest$/.test(image)) faults.push("the tag latest");
  if (released && !/@sha256:[0-9a-f]{64}$/.test(image)) faults.push(`image ${image} is not named by digest`);
  // Before its first release an image has its component's bare name, which no registry serves.
  if (!released && !/^[a-z0-9-]+$|@sha256:/.test(image))
    faults.push(`image ${image} is neither released nor a component`);
  if (!resources?.requests?.["cpu"] || !resources.requests["memory"]) faults.push("no requests");
  if (!resources?.limits?.["memory"]) faults.push("no memory limit");
  if (context?.allowPrivilegeEscalation !== false) faults.push("may gain rights");
  if (context?.readOnlyRootFilesystem !== true) faults.push("a writable root");
  if (!context?.capabilities?.drop?.includes("ALL")) faults.push("keeps capabilities");
  return faults;
}

/** What holds for a workload together with the others: disruption, spreading, scaling. */
function workloadFaults(workload: Workload, all: Manifest[]): string[] {
  const faults: string[] = [];
  const { template, replicas } = workload.spec;
  const scaler = autoscalerOf(workload, all);
  const least = scaler?.spec?.minReplicas ?? replicas ?? 1;
  const budget = all.find(
    ({ kind, spec }) => kind === "PodDisruptionBudget" && selects(spec?.selector ?? {}, labelsOf(workload)),
  );
  if (scaler && replicas !== undefined) faults.push("has replicas and an autoscaler");
  if (workload.kind === "Job" || workload.kind === "CronJob") return faults;
  if (!template.spec.containers.every((container) => container.readinessProbe)) faults.push("no readiness probe");
  if (least > 1 && budget?.spec?.maxUnavailable !== 1) faults.push("no PodDisruptionBudget with maxUnavailable 1");
  if (least === 1 && budget) faults.push("a PodDisruptionBudget that would block the drain of its node");
  if (least > 1 && !template.spec.topologySpreadConstraints) faults.push("is not spread over nodes");
  return faults;
}

/** What holds for the namespace as a whole: what may be reached, and how much may run. */
function namespaceFaults(all: Manifest[]): string[] {
  if (!all.some(deniesAll)) return ["no NetworkPolicy denies everything that is not named"];
  const open = openFlows(all);
  return [
    ...neededFlows(all)
      .filter((flow) => !open.includes(flow))
      .map((flow) => `no NetworkPolicies allow ${flow}`),
    ...quotaFaults(all),
  ];
}

function deniesAll({ kind, spec }: Manifest): boolean {
  return (
    kind === "NetworkPolicy" &&
    Object.keys(spec?.podSelector ?? { any: 1 }).length === 0 &&
    spec?.policyTypes?.length === 2 &&
    !("ingress" in spec) &&
    !("egress" in spec)
  );
}

function quotaFaults(all: Manifest[]): string[] {
  const hard = all.find(({ kind }) => kind === "ResourceQuota")?.spec?.hard;
  if (!hard) return ["no ResourceQuota"];
  return Object.entries(peakNeeds(all)).flatMap(([what, needed]) => {
    const most = quantity(hard[what] ?? "0");
    return needed > most ? [`the ResourceQuota allows ${most} ${what}, a release needs up to ${needed}`] : [];
  });
}
