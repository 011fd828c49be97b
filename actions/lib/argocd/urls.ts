import type { Kubernetes } from "../kubernetes/kubernetes.ts";
import type { ObjectMeta } from "../kubernetes/objects.ts";

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/, as far as it is read. */
export interface PublicService {
  metadata: ObjectMeta;
  spec: { type?: string; ports?: { port: number }[] };
  status?: { loadBalancer?: { ingress?: { hostname?: string; ip?: string; ports?: { port: number }[] }[] } };
}

/** The name that ExternalDNS gives a Service: https://github.com/kubernetes-sigs/external-dns/blob/master/docs/annotations/annotations.md */
const nameAnnotation = "external-dns.alpha.kubernetes.io/hostname";

/**
 * Where a Service of type LoadBalancer answers: the first of its ports, at its own name where it has one, else at the host
 * that its load balancer has got; a port that the load balancer itself names comes before. `undefined` while there is no
 * load balancer.
 */
export function publicUrl({ metadata, spec, status }: PublicService): string | undefined {
  const place = spec.type === "LoadBalancer" ? status?.loadBalancer?.ingress?.[0] : undefined;
  const address = place?.hostname ?? (place?.ip?.includes(":") ? `[${place.ip}]` : place?.ip);
  const host = address && (metadata.annotations?.[nameAnnotation] ?? address);
  const own = spec.ports?.[0]?.port;
  if (!host || own === undefined) return undefined;
  const scheme = own === 443 ? "https" : "http";
  return new URL(`${scheme}://${host}:${place?.ports?.[0]?.port ?? own}`).href;
}

/** The public addresses in a namespace, by the names of their Services. @throws KubernetesError when it cannot be read */
export async function publicUrls(kubernetes: Kubernetes, namespace: string): Promise<string[]> {
  const { items } = await kubernetes.list<PublicService>(`/api/v1/namespaces/${namespace}/services`);
  const sorted = items.sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
  return sorted.flatMap((service) => publicUrl(service) ?? []);
}
