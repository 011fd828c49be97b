import { messageOf, SlipwayError } from "../../../../actions/lib/core/errors.ts";
import type { Kubernetes } from "../../../../actions/lib/kubernetes/kubernetes.ts";
import type { KubernetesObject } from "../../../../actions/lib/kubernetes/objects.ts";
import { ControllerStopped, type WatchedKind, type MakeStep } from "./controller.ts";
import { eventRecorder } from "../events.ts";
import type { LoadBalancerIngress, LoadBalancerTraffic } from "./load-balancer-traffic.ts";
import { loadBalancerName, type NetworkLoadBalancers, type WantedLoadBalancer } from "./network-load-balancer.ts";

/** A Service, as far as its load balancer goes. */
interface BalancedService extends KubernetesObject {
  spec: {
    type?: string;
    loadBalancerClass?: string;
    externalTrafficPolicy?: string;
    healthCheckNodePort?: number;
    ports?: { port: number; name?: string; nodePort?: number; protocol?: string }[];
  };
  status?: { loadBalancer?: { ingress?: LoadBalancerIngress[] } };
}

/** What keeps a Service until its load balancer is deleted. */
export const cleanupFinalizer = "service.kubernetes.io/load-balancer-cleanup";

const annotation = "service.beta.kubernetes.io/aws-load-balancer-";

/** Load balancers that other controllers make. */
const madeElsewhere = new Set(["external", "nlb-ip"]);

/**
 * Services of type LoadBalancer, as EKS's cloud controller takes care of them when their annotation
 * `aws-load-balancer-type` is `nlb`: it runs in EKS's control plane, so that nothing in the cluster has to live for it.
 * https://github.com/kubernetes/cloud-provider-aws/blob/master/docs/service_controller.md
 * https://github.com/kubernetes/cloud-provider/blob/v0.34.2/controllers/service/controller.go
 */
export function services(
  kubernetes: Kubernetes,
  balancers: NetworkLoadBalancers,
  traffic: LoadBalancerTraffic,
): WatchedKind {
  const record = eventRecorder(kubernetes, "service-controller", "Service");
  // What a Service asked for when its load balancer was last brought up to date, by its uid.
  const ensured = new Map<string, string>();

  async function ensure(service: BalancedService, path: string, step: MakeStep): Promise<void> {
    const { uid = "", finalizers = [], resourceVersion } = service.metadata;
    const wanted = wantedLoadBalancer(service);
    const asked = JSON.stringify(wanted);
    if (ensured.get(uid) === asked && service.status?.loadBalancer?.ingress && finalizers.includes(cleanupFinalizer))
      return;
    await record(service, { type: "Normal", reason: "EnsuringLoadBalancer", message: "Ensuring load balancer" });
    if (!finalizers.includes(cleanupFinalizer)) {
      const metadata = { resourceVersion, finalizers: [...finalizers, cleanupFinalizer] };
      await step("AddFinalizer", () => kubernetes.patch(path, { metadata }));
    }
    await balancers.ensure(wanted, step);
    const ingress = await traffic.open(wanted.name, wanted.ports);
    await record(service, { type: "Normal", reason: "EnsuredLoadBalancer", message: "Ensured load balancer" });
    await step("PatchStatus", () => kubernetes.patch(`${path}/status`, { status: { loadBalancer: { ingress } } }));
    ensured.set(uid, asked);
  }

  async function cleanUp(service: BalancedService, path: string, step: MakeStep): Promise<void> {
    const { uid = "", finalizers = [], resourceVersion, deletionTimestamp } = service.metadata;
    const name = loadBalancerName(uid);
    if (await balancers.exists(name, nameOf(service))) {
      await record(service, { type: "Normal", reason: "DeletingLoadBalancer", message: "Deleting load balancer" });
      await balancers.deleteLoadBalancer(name, step);
      await traffic.close(name);
      await balancers.deleteTargetGroups(nameOf(service), step);
    }
    ensured.delete(uid);
    const metadata = { resourceVersion, finalizers: finalizers.filter((one) => one !== cleanupFinalizer) };
    await step("RemoveFinalizer", () => kubernetes.patch(path, { metadata }));
    await record(service, { type: "Normal", reason: "DeletedLoadBalancer", message: "Deleted load balancer" });
    if (deletionTimestamp === undefined && service.status?.loadBalancer?.ingress)
      await step("PatchStatus", () => kubernetes.patch(`${path}/status`, { status: { loadBalancer: null } }));
  }

  return {
    path: "/api/v1/services",
    async reconcile(key, step) {
      const [namespace = "", name = ""] = key.split("/");
      const path = `/api/v1/namespaces/${namespace}/services/${name}`;
      const service = await kubernetes.get<BalancedService>(path);
      if (!service || service.spec.loadBalancerClass || madeElsewhere.has(typeOf(service))) return;
      try {
        if (service.spec.type === "LoadBalancer" && service.metadata.deletionTimestamp === undefined)
          await ensure(service, path, step);
        else if (service.metadata.finalizers?.includes(cleanupFinalizer)) await cleanUp(service, path, step);
      } catch (error) {
        if (error instanceof ControllerStopped) throw error;
        const message = `Error syncing load balancer: ${messageOf(error)}`;
        await record(service, { type: "Warning", reason: "SyncLoadBalancerFailed", message });
        throw error;
      }
    },
  };
}

function typeOf({ metadata: { annotations = {} } }: BalancedService): string {
  return annotations[`${annotation}type`] ?? "";
}

function nameOf({ metadata: { namespace = "", name } }: BalancedService): string {
  return `${namespace}/${name}`;
}

/** What a Service asks for. @throws SlipwayError for what AWS makes and a rehearsal does not */
export function wantedLoadBalancer(service: BalancedService): WantedLoadBalancer {
  const { metadata, spec } = service;
  const { annotations = {}, uid = "" } = metadata;
  if (typeOf(service) !== "nlb")
    throw new SlipwayError(`a rehearsal makes load balancers only where ${annotation}type is nlb`);
  if ((annotations[`${annotation}internal`] ?? "false") !== "false")
    throw new SlipwayError(`a rehearsal has no internal load balancers, which ${annotation}internal asks for`);
  const certificate = annotations[`${annotation}ssl-cert`];
  const secure = portsIn(annotations[`${annotation}ssl-ports`]);
  const ports = spec.ports ?? [];
  const other = ports.find(({ protocol = "TCP" }) => protocol !== "TCP");
  if (other) throw new SlipwayError(`a rehearsal balances only TCP, and port ${other.port} is ${other.protocol}`);
  return {
    name: loadBalancerName(uid),
    service: nameOf(service),
    ports: ports.flatMap(({ port, name = "", nodePort }) => {
      if (!nodePort) return [];
      const tls =
        certificate !== undefined && (secure === "all" || secure.includes(String(port)) || secure.includes(name));
      return [{ port, nodePort, ...(tls && { certificate }) }];
    }),
    sslPolicy: annotations[`${annotation}ssl-negotiation-policy`],
    healthCheckNodePort: spec.externalTrafficPolicy === "Local" ? spec.healthCheckNodePort : undefined,
    crossZone: annotations[`${annotation}cross-zone-load-balancing-enabled`] === "true",
    tags: tagsIn(annotations[`${annotation}additional-resource-tags`] ?? ""),
  };
}

/** Reads ports by number or name as an annotation has them, and `*` or nothing as all of them. */
function portsIn(text: string | undefined): "all" | string[] {
  if (text === undefined || text === "" || text === "*") return "all";
  return text.split(",").map((each) => each.trim());
}

/** Reads tags as an annotation has them: `one=1,two=,three`. */
export function tagsIn(text: string): Record<string, string> {
  const pairs = text.split(",").map((pair) => pair.trim().split("="));
  return Object.fromEntries(pairs.flatMap(([key, value = ""]) => (key ? [[key, value]] : [])));
}
