import type { ObjectMeta } from "../kubernetes/objects.ts";
import { type Application, argocdNamespace, complaintsOf, operationOf } from "./application.ts";
import type { Workload } from "./objects.ts";

/** What a set of objects, by `namespace/name`, still lacks: half a sentence; nothing when it is as it should be. */
export type Missing<T> = (items: ReadonlyMap<string, T>) => string | undefined;

interface Condition {
  type: string;
  status: string;
  message?: string;
}

const is = (conditions: readonly Condition[] | undefined, type: string) =>
  conditions?.find((each) => each.type === type);

/** A node, as far as it is read. */
export interface Node {
  metadata: ObjectMeta;
  status?: { conditions?: Condition[] };
}

/** One node that is ready is enough. */
export const noReadyNode: Missing<Node> = (nodes) => {
  const states = [...nodes.values()].map(({ metadata, status }) => ({
    name: metadata.name,
    ready: is(status?.conditions, "Ready"),
  }));
  if (states.some(({ ready }) => ready?.status === "True")) return undefined;
  const why = states.map(({ name, ready }) => `${name}: ${ready?.message ?? "has not reported yet"}`);
  return `no node of the cluster is ready${why.length > 0 ? ` (${why.join("; ")})` : ""}`;
};

/** A CustomResourceDefinition, as far as it is read. */
export interface CustomResourceDefinition {
  metadata: ObjectMeta;
  status?: { conditions?: Condition[] };
}

const definitionPrefix = "customresourcedefinition.apiextensions.k8s.io/";

/**
 * Whether the API server knows the kinds that were applied.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
 *
 * @param applied as `Kubectl.apply` gives it
 */
export function unestablished(applied: readonly string[]): Missing<CustomResourceDefinition> {
  const wanted = applied
    .filter((each) => each.startsWith(definitionPrefix))
    .map((each) => each.slice(definitionPrefix.length));
  return (definitions) => {
    const open = wanted.filter(
      (name) => is(definitions.get(name)?.status?.conditions, "Established")?.status !== "True",
    );
    return open.length > 0 ? `the API server does not know ${open.join(", ")} yet` : undefined;
  };
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#complete-deployment, for StatefulSets as well. */
export const unrolled: Missing<Workload> = (workloads) => {
  if (workloads.size === 0) return "Argo CD has no workloads yet";
  const open = [...workloads.values()].flatMap(({ metadata, spec, status = {} }) => {
    const wanted = spec.replicas ?? 1;
    const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
    if (observedGeneration < (metadata.generation ?? 1)) return [`${metadata.name} was changed a moment ago`];
    if (updatedReplicas >= wanted && availableReplicas >= wanted && replicas <= wanted) return [];
    const failure = is(status.conditions, "ReplicaFailure");
    const why = failure?.status === "True" ? `: ${failure.message ?? ""}` : "";
    return [`${metadata.name} has ${Math.min(updatedReplicas, availableReplicas)} of ${wanted} pods available${why}`];
  });
  return open.length > 0 ? open.join("; ") : undefined;
};

/** Characters of what Argo CD complains about. */
const longestComplaint = 300;

/** The Application that looks after everything else: gitops/bootstrap/root. */
export const rootApplication = "slipway";

/** Whether Argo CD, having looked at git after it was asked to, finds its own settings as git has them, and healthy. */
export const unsynced: Missing<Application> = (applications) => {
  const application = applications.get(`${argocdNamespace}/${rootApplication}`);
  const name = `Application ${rootApplication}`;
  if (!application) return `${name} is not there yet`;
  const operation = operationOf(application);
  // One of them: a repository or a cluster that cannot be reached makes several, each with a long story.
  const [complaint] = complaintsOf(application);
  const failed = operation && /^(failed|retrying)$/.test(operation.state) ? operation.message : undefined;
  const said = complaint ?? (failed && `a sync failed: ${failed}`);
  const why = said ? ` (${said.length > longestComplaint ? `${said.slice(0, longestComplaint)}...` : said})` : "";
  const { sync, health } = application.status ?? {};
  if (application.metadata.annotations?.["argocd.argoproj.io/refresh"]) return `${name} was not looked at yet`;
  if (operation?.state === "running" || operation?.state === "retrying") return `${name} is being synced${why}`;
  if (sync?.status !== "Synced") return `${name} is ${sync?.status ?? "not compared with git yet"}${why}`;
  return health?.status === "Healthy" ? undefined : `${name} is ${health?.status ?? "without health"}${why}`;
};
