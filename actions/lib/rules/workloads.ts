import { autoscalerOf, labelsOf, selects } from "./manifest.ts";
import { type AppManifests, type Rule, when, workloadRule } from "./rule.ts";
import type { ManifestWorkload } from "./manifest.ts";

/** What a workload owes together with the objects around it: disruption, spreading, scaling. */
export const workloadRules: readonly Rule[] = [
  workloadRule("one-scaler", "A workload with an autoscaler has no `replicas` of its own.", (workload, app) =>
    when(
      workload.spec.replicas !== undefined && autoscalerOf(workload, app.manifests) !== undefined,
      "has replicas and an autoscaler",
    ),
  ),
  workloadRule("readiness", "Each container of a service has a readiness probe.", (workload) =>
    when(
      isService(workload) && !workload.spec.template.spec.containers.every((container) => container.readinessProbe),
      "no readiness probe",
    ),
  ),
  workloadRule(
    "disruption-budget",
    "Two pods or more have a PodDisruptionBudget with `maxUnavailable: 1`, a single one has none.",
    (workload, app) => {
      const budget = app.manifests.find(
        ({ kind, spec }) => kind === "PodDisruptionBudget" && selects(spec?.selector ?? {}, labelsOf(workload)),
      );
      const least = leastPods(workload, app);
      return [
        ...when(least > 1 && budget?.spec?.maxUnavailable !== 1, "no PodDisruptionBudget with maxUnavailable 1"),
        ...when(least === 1 && budget !== undefined, "a PodDisruptionBudget that would block the drain of its node"),
      ];
    },
  ),
  workloadRule("spread", "Two pods or more are spread over nodes.", (workload, app) =>
    when(
      leastPods(workload, app) > 1 && !workload.spec.template.spec.topologySpreadConstraints,
      "is not spread over nodes",
    ),
  ),
];

/** Whether its pods are there to stay. */
function isService({ kind }: ManifestWorkload): boolean {
  return kind !== "Job" && kind !== "CronJob";
}

/** How many pods there are at least; none of what ends by itself. */
function leastPods(workload: ManifestWorkload, { manifests }: AppManifests): number {
  if (!isService(workload)) return 0;
  return autoscalerOf(workload, manifests)?.spec?.minReplicas ?? workload.spec.replicas ?? 1;
}
