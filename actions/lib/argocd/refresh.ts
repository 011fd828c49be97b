import { mapConcurrently } from "../core/concurrency.ts";
import { type Kubernetes, KubernetesError } from "../kubernetes/kubernetes.ts";
import { type ApplicationSet, applicationSetsPath, applicationsPath } from "./application.ts";

/** Patches at once. */
const concurrency = 8;

/**
 * Asks Argo CD to look at an Application now. It takes the annotation away when it has looked:
 * https://argo-cd.readthedocs.io/en/stable/user-guide/annotations-and-labels/
 */
export const refreshAnnotation = { "argocd.argoproj.io/refresh": "normal" } as const;

/**
 * Asks Argo CD to look at git now, which it otherwise does every two to three minutes.
 *
 * @param names of Applications; one that is gone is passed over
 * @throws KubernetesError when the cluster refuses
 */
export async function refreshApplications(kubernetes: Kubernetes, names: readonly string[]): Promise<void> {
  await annotate(kubernetes, applicationsPath, names, refreshAnnotation);
}

/**
 * Asks every ApplicationSet to make the Applications that git asks for by now.
 *
 * @returns all that there are, as they were before
 * @throws KubernetesError when the cluster refuses
 */
export async function refreshApplicationSets(kubernetes: Kubernetes): Promise<ApplicationSet[]> {
  const { items } = await kubernetes.list<ApplicationSet>(applicationSetsPath);
  const names = items.map(({ metadata }) => metadata.name);
  await annotate(kubernetes, applicationSetsPath, names, { "argocd.argoproj.io/application-set-refresh": "true" });
  return items;
}

async function annotate(
  kubernetes: Kubernetes,
  path: string,
  names: readonly string[],
  annotations: Record<string, string>,
): Promise<void> {
  await mapConcurrently(names, concurrency, async (name) => {
    await kubernetes.patch(`${path}/${name}`, { metadata: { annotations } }).catch((error: unknown) => {
      if (!(error instanceof KubernetesError) || error.status !== 404) throw error;
    });
  });
}
