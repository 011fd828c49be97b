/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/, as far as it is read. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
}

/** Which object another one belongs to. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
}

/** Any object of the API. Items of a list carry neither `apiVersion` nor `kind`. */
export interface KubernetesObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

/** What every type that is read from the API has. */
export type Named = Pick<KubernetesObject, "metadata">;

/** Objects by `namespace/name`, as `follow` gives them; by name alone where they are in no namespace. */
export function byName<T extends Named>(items: readonly T[]): Map<string, T> {
  return new Map(items.map((item) => [keyOf(item), item]));
}

/** What `byName` knows an object by. */
export function keyOf({ metadata: { namespace, name } }: Named): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
