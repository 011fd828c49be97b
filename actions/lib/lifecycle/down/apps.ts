import type { Kubernetes } from "../../kubernetes/kubernetes.ts";
import type { ObjectMeta } from "../../kubernetes/objects.ts";
import { remainingApplication, listApplications, removeCascading } from "./applications.ts";
import { recordUses } from "../../resources/names/records.ts";
import type { Down, Remaining, Teardown } from "./down.ts";
import { remainingObject, listKnown, remove } from "./objects.ts";
import { findRemaining, removeFound, type Which } from "./resources.ts";
import { removeDeadWebhooks } from "./webhooks.ts";

/** Something for which a controller made a load balancer in AWS. */
interface Entrance {
  metadata: ObjectMeta;
  spec?: { type?: string };
}

/** What stands in AWS behind an entrance. */
const behindEntrances = ["dns-record", "load-balancer", "classic-load-balancer", "target-group"] as const;

/** The certificate's proof is Terraform's, and goes with it. */
const behind: Which = ({ kind, by, facts }) => (kind === "dns-record" ? facts.use === recordUses.app : by !== "vpc");

/** Whether an interface is a load balancer's; it is there for some time after it. */
const ofBalancer: Which = ({ facts }) => String(facts.description ?? "").startsWith("ELB ");

/** Argo CD deletes what it brought; whoever made load balancers for it takes them away. */
export const appsDown: Down = {
  minutes: 15,
  doneWhen:
    "no Application, no Ingress or Service of type LoadBalancer, and in AWS no name, load balancer, target group or interface of one",
  async remaining(teardown: Teardown): Promise<Remaining[]> {
    const kubernetes = await teardown.environment.cluster();
    const found = await Promise.all([
      kubernetes ? remainingInCluster(kubernetes) : [],
      findRemaining(teardown.environment, behindEntrances, ({ kind, ...each }) =>
        kind === "dns-record" ? behind({ kind, ...each }) : true,
      ),
      findRemaining(teardown.environment, ["network-interface"], ofBalancer),
    ]);
    return found.flat();
  },
  async act({ environment, report }: Teardown): Promise<void> {
    const kubernetes = await environment.cluster();
    // Nobody is there any more who would take away what an Ingress or a Service led to.
    const removeOrphans = () => removeFound(environment, behindEntrances, behind, report.line);
    if (!kubernetes) {
      await removeOrphans();
      return;
    }
    await removeDeadWebhooks(kubernetes, report);
    const applications = await listApplications(kubernetes);
    for (const application of applications) await removeCascading(kubernetes, application);
    // While Argo CD looks after them, it would bring them back.
    if (applications.length > 0) return;
    const { services, ingresses } = await entrances(kubernetes);
    if (services.length + ingresses.length === 0) await removeOrphans();
    for (const service of services)
      await remove(kubernetes, `/api/v1/namespaces/${service.metadata.namespace}/services`, service);
    for (const ingress of ingresses)
      await remove(kubernetes, `${networking}/namespaces/${ingress.metadata.namespace}/ingresses`, ingress);
  },
};

const networking = "/apis/networking.k8s.io/v1";

async function entrances(kubernetes: Kubernetes): Promise<{ services: Entrance[]; ingresses: Entrance[] }> {
  const [services, ingresses] = await Promise.all([
    listKnown<Entrance>(kubernetes, "/api/v1/services"),
    listKnown<Entrance>(kubernetes, `${networking}/ingresses`),
  ]);
  return { services: services.filter(({ spec }) => spec?.type === "LoadBalancer"), ingresses };
}

async function remainingInCluster(kubernetes: Kubernetes): Promise<Remaining[]> {
  const [applications, { services, ingresses }] = await Promise.all([
    listApplications(kubernetes),
    entrances(kubernetes),
  ]);
  const next = "The controller of load balancers takes its finalizer away when AWS has none any more: look at its log.";
  return [
    ...(await Promise.all(applications.map((each) => remainingApplication(kubernetes, each)))),
    ...services.map((each) => remainingObject("Service", each, { next })),
    ...ingresses.map((each) => remainingObject("Ingress", each, { next })),
  ];
}
