import { type Kubernetes, KubernetesError } from "../../kubernetes/kubernetes.ts";
import { type ObjectMeta } from "../../kubernetes/objects.ts";
import type { Remaining } from "./down.ts";

/** Anything in a cluster that is being deleted. */
export interface Deletable {
  metadata: ObjectMeta;
}

/** Namespaces that EKS and Kubernetes need themselves. */
const system = /^(default|kube-.*)$/;

/** Whether a namespace is EKS's or Kubernetes' own. */
export const isSystem = (namespace: string): boolean => system.test(namespace);

/** Everything under a path; nothing where the cluster does not know the kind. @throws KubernetesError otherwise */
export async function listKnown<T extends Deletable>(kubernetes: Kubernetes, path: string): Promise<T[]> {
  try {
    return (await kubernetes.list<T>(path)).items;
  } catch (error) {
    if (error instanceof KubernetesError && error.status === 404) return [];
    throw error;
  }
}

/** `namespace/name`, or the name of what is in no namespace. */
export const nameOf = ({ metadata: { namespace, name } }: Deletable): string =>
  namespace === undefined ? name : `${namespace}/${name}`;

/** An object that is left, with its finalizers once it is being deleted. */
export function remainingObject(kind: string, object: Deletable, more: Partial<Remaining> = {}): Remaining {
  const { deletionTimestamp: since, finalizers = [] } = object.metadata;
  const held = finalizers.length > 0 ? `, held by ${finalizers.join(", ")}` : "";
  return { kind, name: nameOf(object), ...(since && { why: `is being deleted since ${since}${held}` }), ...more };
}

/** Deletes an object unless that was asked for already. */
export async function remove(kubernetes: Kubernetes, path: string, { metadata }: Deletable, options?: object) {
  if (metadata.deletionTimestamp === undefined) await kubernetes.delete(`${path}/${metadata.name}`, options);
}

/** Changes an object; one that is gone meanwhile is not an error. */
export async function patchIfThere(kubernetes: Kubernetes, path: string, body: object): Promise<void> {
  await kubernetes.patch(path, body).catch((error: unknown) => {
    if (!(error instanceof KubernetesError) || error.status !== 404) throw error;
  });
}
