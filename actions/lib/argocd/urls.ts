import type { Kubernetes } from "../kubernetes.ts";
import type { ObjectMeta } from "../kubernetes-objects.ts";

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/, as far as it is read. */
export interface Service {
  metadata: ObjectMeta;
  spec: { type?: string; ports?: { port: number }[] };
  status?: { loadBalancer?: { ingress?: { hostname?: string; ip?: string; ports?: { port: number }[] }[] } };
}

/**
 * Where a Service of type LoadBalancer answers: the first of its ports, at the host that its load balancer has got; a
 * port that the load balancer itself names comes before. `undefined` while there is none.
 */
export function publicUrl({ spec, status }: Service): string | undefined {
  const place = spec.type === "LoadBalancer" ? status?.loadBalancer?.ingress?.[0] : undefined;
  const host = place?.hostname ?? (place?.ip?.includes(":") ? `[${place.ip}]` : place?.ip);
  const own = spec.ports?.[0]?.port;
  if (!host || own === undefined) return undefined;
  const scheme = own === 443 ? "https" : "http";
  return new URL(`${scheme}://${host}:${place?.ports?.[0]?.port ?? own}`).href;
}

/** The public addresses in a namespace, by the names of their Services. @throws KubernetesError when it cannot be read */
export async function publicUrls(kubernetes: Kubernetes, namespace: string): Promise<string[]> {
  const { items } = await kubernetes.list<Service>(`/api/v1/namespaces/${namespace}/services`);
  const sorted = items.sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
  return sorted.flatMap((service) => publicUrl(service) ?? []);
}
