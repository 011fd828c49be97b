import { type Application, applicationsPath } from "../../actions/lib/argocd/application.ts";
import type { Pod } from "../../actions/lib/argocd/objects.ts";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import type { Kubernetes } from "../../actions/lib/kubernetes/kubernetes.ts";

/** Where the pods of an app are. */
export interface AppPods {
  namespace: string;
  /** As Kubernetes' API takes it; empty for all of them. */
  labelSelector: string;
  /** Those that are there now. */
  pods: Pod[];
}

const label = "app.kubernetes.io/name";

/**
 * Finds an app's pods.
 *
 * @param component only of this one, a folder under `apps/<app>` or a Job's name without the app's
 * @throws SlipwayError naming the apps, or the components, there are
 */
export async function findPods(kubernetes: Kubernetes, app: string, component?: string): Promise<AppPods> {
  const { items: applications } = await kubernetes.list<Application>(applicationsPath);
  const names = applications.map(({ metadata }) => metadata.name).sort();
  const found = applications.find(({ metadata }) => metadata.name === app);
  if (!found) throw new SlipwayError(`There is no app "${app}" in the cluster.`, { next: choice(names) });
  const namespace = found.spec.destination.namespace ?? app;
  const { items: pods } = await kubernetes.list<Pod>(`/api/v1/namespaces/${namespace}/pods`);
  if (component === undefined) return { namespace, labelSelector: "", pods };
  const name = `${app}-${component}`;
  const mine = pods.filter(({ metadata }) => metadata.labels?.[label] === name);
  if (mine.length === 0) {
    const others = pods.flatMap(({ metadata }) => metadata.labels?.[label]?.slice(app.length + 1) ?? []);
    throw new SlipwayError(`${app} has no pods of a component "${component}".`, {
      next: choice([...new Set(others)].sort()),
    });
  }
  return { namespace, labelSelector: `${label}=${name}`, pods: mine };
}

function choice(names: readonly string[]): string {
  return names.length > 0 ? `Allowed: ${names.join(", ")}.` : "There is none.";
}
