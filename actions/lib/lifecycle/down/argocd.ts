import { argocdNamespace } from "../../argocd/application.ts";
import type { Kubernetes } from "../../kubernetes/kubernetes.ts";
import type { ObjectMeta } from "../../kubernetes/objects.ts";
import { listApplications, removeCascading } from "./applications.ts";
import type { Down, Remaining, Teardown } from "./down.ts";
import { isSystem, remainingObject, remove } from "./objects.ts";
import { removeDeadWebhooks } from "./webhooks.ts";

interface Namespace {
  metadata: ObjectMeta;
  status?: { conditions?: { type: string; status: string; message?: string }[] };
}

const namespacesPath = "/api/v1/namespaces";

/** Argo CD and whatever else somebody brought into the cluster: namespaces, with all that is in them. */
export const argocdDown: Down = {
  minutes: 10,
  doneWhen: "no namespace but EKS's and Kubernetes' own",
  async remaining({ environment }: Teardown): Promise<Remaining[]> {
    const kubernetes = await environment.cluster();
    return kubernetes ? (await ownNamespaces(kubernetes)).map(remainingNamespace) : [];
  },
  async act({ environment, report }: Teardown): Promise<void> {
    const kubernetes = await environment.cluster();
    if (!kubernetes) return;
    await removeDeadWebhooks(kubernetes, report);
    const namespaces = await ownNamespaces(kubernetes);
    const others = namespaces.filter(({ metadata }) => metadata.name !== argocdNamespace);
    await removeNamespaces(kubernetes, others);
    // Without its controller an Application keeps its finalizer, and the namespace with it.
    const applications = await listApplications(kubernetes);
    for (const application of applications) await removeCascading(kubernetes, application);
    if (applications.length > 0 || others.length > 0) return;
    await removeNamespaces(kubernetes, namespaces);
  },
};

/** The namespaces that are neither EKS's nor Kubernetes' own. */
export async function ownNamespaces(kubernetes: Kubernetes): Promise<Namespace[]> {
  const { items } = await kubernetes.list<Namespace>(namespacesPath);
  return items.filter(({ metadata }) => !isSystem(metadata.name));
}

/** Deletes namespaces, with the pods and claims in them. */
export async function removeNamespaces(kubernetes: Kubernetes, namespaces: readonly Namespace[]): Promise<void> {
  for (const namespace of namespaces) await remove(kubernetes, namespacesPath, namespace);
}

/**
 * A namespace that is left; Kubernetes says itself what keeps one that is being deleted:
 * https://github.com/kubernetes/kubernetes/blob/v1.34.2/pkg/controller/namespace/deletion/status_condition_utils.go
 */
export function remainingNamespace(namespace: Namespace): Remaining {
  const said = (namespace.status?.conditions ?? [])
    .filter(({ type, status }) => status === "True" && type.startsWith("Namespace"))
    .map(({ message }) => message ?? "");
  return remainingObject("namespace", namespace, said.length > 0 ? { why: said.join("; ") } : {});
}
