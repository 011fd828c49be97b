import type { Kubernetes } from "../../kubernetes/kubernetes.ts";
import type { ObjectMeta } from "../../kubernetes/objects.ts";
import type { Reporter } from "../../terraform/report.ts";
import { listKnown, remove } from "./objects.ts";

interface WebhookConfiguration {
  metadata: ObjectMeta;
  webhooks?: {
    name: string;
    failurePolicy?: string;
    clientConfig: { service?: { namespace: string; name: string } };
  }[];
}

interface EndpointSlice {
  metadata: ObjectMeta;
  endpoints?: { conditions?: { ready?: boolean } }[];
}

const folder = "/apis/admissionregistration.k8s.io/v1";

/**
 * Removes webhook configurations whose service nothing answers for and that refuse what they cannot be asked about: with
 * them, nothing can be deleted any more. Those without a service, as EKS has, are not of the cluster's own pods. Every
 * stage that deletes something in the cluster does this first: what answers for a webhook may go at any time.
 */
export async function removeDeadWebhooks(kubernetes: Kubernetes, { line }: Pick<Reporter, "line">): Promise<void> {
  for (const kind of ["validatingwebhookconfigurations", "mutatingwebhookconfigurations"]) {
    const configurations = await listKnown<WebhookConfiguration>(kubernetes, `${folder}/${kind}`);
    for (const configuration of configurations) {
      const strict = (configuration.webhooks ?? []).filter(({ failurePolicy }) => failurePolicy !== "Ignore");
      const services = strict.flatMap(({ clientConfig: { service } }) => service ?? []);
      const answered = await Promise.all(services.map((service) => hasEndpoint(kubernetes, service)));
      if (!answered.includes(false)) continue;
      await remove(kubernetes, `${folder}/${kind}`, configuration);
      const { name } = configuration.metadata;
      line(`Removed the webhook configuration ${name}: nothing answers for it, and it refuses everything.`);
    }
  }
}

async function hasEndpoint(kubernetes: Kubernetes, service: { namespace: string; name: string }): Promise<boolean> {
  const path = `/apis/discovery.k8s.io/v1/namespaces/${service.namespace}/endpointslices`;
  const { items } = await kubernetes.list<EndpointSlice>(path, {
    labelSelector: `kubernetes.io/service-name=${service.name}`,
  });
  // "ready" that is not said counts as true: https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#ready
  return items.some(({ endpoints }) => endpoints?.some(({ conditions }) => conditions?.ready !== false));
}
