import { autoscalerOf, type Manifest, type ManifestWorkload, workloadsOf } from "./manifest.ts";

/** What a namespace needs at most: number of pods, CPUs, bytes. */
export interface Needs {
  pods: number;
  "requests.cpu": number;
  "requests.memory": number;
  "limits.memory": number;
  "services.loadbalancers": number;
  "services.nodeports": number;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const factors: Readonly<Record<string, number>> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/**
 * A Kubernetes quantity as a number, for example 0.1 for `100m`.
 *
 * @throws Error for a unit other than m, k, M, G, T, Ki, Mi, Gi, Ti and none
 */
export function quantity(text: string): number {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(text) ?? [];
  const factor = factors[unit];
  if (!digits || factor === undefined)
    throw new Error(`"${text}" is not a quantity in ${Object.keys(factors).join(" ").trim()}.`);
  return Number(digits) * factor;
}

/**
 * What an app needs while it is released at its autoscalers' maximum: all pods, those that a rolling update adds, and
 * those that are still ending; every Job in addition to them. A load balancer takes a port of the nodes for http, and one for https
 * where the environment has a domain.
 */
export function peakNeeds(manifests: readonly Manifest[]): Needs {
  const balancers = manifests.filter(({ kind, spec }) => kind === "Service" && spec?.type === "LoadBalancer").length;
  const needs: Needs = {
    pods: 0,
    "requests.cpu": 0,
    "requests.memory": 0,
    "limits.memory": 0,
    "services.loadbalancers": balancers,
    "services.nodeports": 2 * balancers,
  };
  for (const workload of workloadsOf(manifests)) {
    const pods = peakPods(workload, manifests);
    needs.pods += pods;
    for (const { resources } of workload.spec.template.spec.containers) {
      needs["requests.cpu"] += pods * quantity(resources?.requests?.["cpu"] ?? "0");
      needs["requests.memory"] += pods * quantity(resources?.requests?.["memory"] ?? "0");
      needs["limits.memory"] += pods * quantity(resources?.limits?.["memory"] ?? "0");
    }
  }
  return needs;
}

function peakPods(workload: ManifestWorkload, manifests: readonly Manifest[]): number {
  const { replicas = 1, strategy } = workload.spec;
  const most = autoscalerOf(workload, manifests)?.spec?.maxReplicas ?? replicas;
  // A StatefulSet's pod, and one of a Deployment that recreates, comes only after the old one has gone.
  if (workload.kind !== "Deployment" || strategy?.type === "Recreate") return most;
  const surge = strategy?.rollingUpdate?.maxSurge ?? "25%";
  const added = typeof surge === "number" ? surge : Math.ceil((most * Number.parseInt(surge, 10)) / 100);
  return most + added + most;
}
