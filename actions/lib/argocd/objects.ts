import { type Kubernetes } from "../kubernetes/kubernetes.ts";
import { byName, type ObjectMeta } from "../kubernetes/objects.ts";
import { argocdNamespace } from "./application.ts";

/** Objects of the whole cluster by `namespace/name`. */
export interface ClusterObjects {
  pods: ReadonlyMap<string, Pod>;
  deployments: ReadonlyMap<string, Workload>;
  replicaSets: ReadonlyMap<string, ReplicaSet>;
  statefulSets: ReadonlyMap<string, Workload>;
}

/** The same objects, by what owns them; each index is made when it is first asked for. */
export class ClusterIndex {
  readonly objects: ClusterObjects;
  #pods: Map<string | undefined, Pod[]> | undefined;
  #replicaSets: Map<string | undefined, ReplicaSet[]> | undefined;
  #namespaces: Map<string | undefined, Pod[]> | undefined;

  constructor(objects: ClusterObjects) {
    this.objects = objects;
  }

  podsOf(owner: ObjectMeta): Pod[] {
    this.#pods ??= Map.groupBy(this.objects.pods.values(), ownerId);
    return this.#pods.get(owner.uid) ?? [];
  }

  podsIn(namespace: string | undefined): Pod[] {
    this.#namespaces ??= Map.groupBy(this.objects.pods.values(), ({ metadata }) => metadata.namespace);
    return this.#namespaces.get(namespace) ?? [];
  }

  replicaSetsOf(owner: ObjectMeta): ReplicaSet[] {
    this.#replicaSets ??= Map.groupBy(this.objects.replicaSets.values(), ownerId);
    return this.#replicaSets.get(owner.uid) ?? [];
  }
}

function ownerId({ metadata }: { metadata: ObjectMeta }): string | undefined {
  return metadata.ownerReferences?.find((each) => each.controller)?.uid;
}

/** The API paths of what a judgement needs in addition to Applications. */
export const objectPaths: Record<keyof ClusterObjects, string> = {
  pods: "/api/v1/pods",
  deployments: "/apis/apps/v1/deployments",
  replicaSets: "/apis/apps/v1/replicasets",
  statefulSets: "/apis/apps/v1/statefulsets",
};
export const objectKinds = Object.keys(objectPaths) as (keyof ClusterObjects)[];

/** No app runs in these namespaces. */
export const objectQuery = { fieldSelector: `metadata.namespace!=${argocdNamespace},metadata.namespace!=kube-system` };

/** Reads all of them from the API itself. @throws KubernetesError when it cannot be read */
export async function readObjects(kubernetes: Kubernetes): Promise<ClusterObjects> {
  const [pods, deployments, replicaSets, statefulSets] = await Promise.all([
    kubernetes.list<Pod>(objectPaths.pods, objectQuery),
    kubernetes.list<Workload>(objectPaths.deployments, objectQuery),
    kubernetes.list<ReplicaSet>(objectPaths.replicaSets, objectQuery),
    kubernetes.list<Workload>(objectPaths.statefulSets, objectQuery),
  ]);
  return {
    pods: byName(pods.items),
    deployments: byName(deployments.items),
    replicaSets: byName(replicaSets.items),
    statefulSets: byName(statefulSets.items),
  };
}

interface PodContainer {
  name: string;
  image: string;
}

export interface PodTemplate {
  spec: { containers: PodContainer[]; initContainers?: PodContainer[] };
}

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

interface ContainerState {
  waiting?: { reason?: string; message?: string };
  terminated?: { reason?: string; exitCode: number; message?: string };
}

/** How a container of a pod is. */
export interface ContainerStatus {
  name: string;
  ready: boolean;
  restartCount: number;
  /** Mostly `<repository>@<digest>` of what runs; with some runtimes another id. Empty before the image is there. */
  imageID: string;
  state?: ContainerState;
  lastState?: ContainerState;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/, as far as it is read. */
export interface Pod {
  metadata: ObjectMeta;
  spec: PodTemplate["spec"] & {
    nodeName?: string;
    volumes?: { persistentVolumeClaim?: { claimName: string } }[];
  };
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    conditions?: Condition[];
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
  };
}

/** A Deployment or StatefulSet, as far as it is read. */
export interface Workload {
  metadata: ObjectMeta;
  spec: { replicas?: number; paused?: boolean; template: PodTemplate };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    updateRevision?: string;
    conditions?: Condition[];
  };
}

/** Only its metadata is read: which Deployment it is of, and which revision of that. */
export interface ReplicaSet {
  metadata: ObjectMeta;
}
