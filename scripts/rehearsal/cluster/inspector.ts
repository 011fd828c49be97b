import { type Kubernetes, openKubernetes } from "../../../actions/lib/kubernetes/kubernetes.ts";
import { type KubernetesObject } from "../../../actions/lib/kubernetes/objects.ts";
import { insist } from "../checks/checks.ts";
import type { RunningCluster } from "./clusters.ts";

/** A pod, as far as it is looked at. */
export interface InspectedPod extends KubernetesObject {
  spec: { containers: { name: string; image: string }[] };
  status?: {
    phase?: string;
    podIP?: string;
    conditions?: { type: string; status: string }[];
    containerStatuses?: { name: string; image: string; imageID: string; ready: boolean; restartCount: number }[];
  };
}

/** Looks at a cluster with all rights: what the checks of a rehearsal compare the actions' words with. */
export interface ClusterInspector {
  readonly kubernetes: Kubernetes;
  /** The pods of an app that run and are ready, without those that are being deleted. */
  readyPods(app: string, component?: string): Promise<InspectedPod[]>;
  /** The digests that the app's pods run, by image name such as `notes-api`. */
  runningDigests(app: string): Promise<Map<string, Set<string>>>;
  /** The app's public address. @throws Error when it has none */
  publicUrl(app: string): Promise<string>;
}

/** A Service, as far as it says how the public reaches it. */
export interface InspectedService extends KubernetesObject {
  spec: { type?: string; ports: { port: number }[] };
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string; ports?: { port: number }[] }[] } };
}

/** Every Service with a public address, in all namespaces. */
export async function publicServices(kubernetes: Kubernetes): Promise<InspectedService[]> {
  const { items } = await kubernetes.list<InspectedService>("/api/v1/services");
  return items.filter(isPublic);
}

const isPublic = ({ spec }: InspectedService) => spec.type === "LoadBalancer";

export function createInspector(cluster: RunningCluster): ClusterInspector {
  const kubernetes = openKubernetes(cluster.access);
  const pods = async (app: string) => (await kubernetes.list<InspectedPod>(`/api/v1/namespaces/${app}/pods`)).items;
  const isReady = ({ metadata, status }: InspectedPod) =>
    !metadata.deletionTimestamp &&
    status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True");
  return {
    kubernetes,
    async readyPods(app, component) {
      const all = (await pods(app)).filter(isReady);
      if (component === undefined) return all;
      return all.filter(({ metadata }) => metadata.labels?.["app.kubernetes.io/name"] === `${app}-${component}`);
    },
    async runningDigests(app) {
      const digests = new Map<string, Set<string>>();
      for (const { metadata, status } of await pods(app)) {
        if (metadata.deletionTimestamp || status?.phase !== "Running") continue;
        for (const { imageID } of status.containerStatuses ?? []) {
          const [, name = "", digest = ""] = /([^/]+)@(sha256:[0-9a-f]{64})$/.exec(imageID) ?? [];
          digests.set(name, (digests.get(name) ?? new Set()).add(digest));
        }
      }
      return digests;
    },
    async publicUrl(app) {
      const { items } = await kubernetes.list<InspectedService>(`/api/v1/namespaces/${app}/services`);
      const service = items.find(isPublic);
      const ingress = service?.status?.loadBalancer?.ingress?.[0];
      const host = ingress?.hostname ?? ingress?.ip;
      insist(host !== undefined, `no Service of ${app} has a public address`);
      const port = ingress?.ports?.[0]?.port ?? service?.spec.ports[0]?.port;
      return `http://${host}${port === 80 ? "" : `:${port}`}`;
    },
  };
}
