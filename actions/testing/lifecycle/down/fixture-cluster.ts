import type { Kubernetes } from "../../../lib/kubernetes/kubernetes.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/objects.ts";
import { actOnEach } from "../../argocd/node.ts";
import { isSystem, listKnown } from "../../../lib/lifecycle/down/objects.ts";

/** What is listed, by the API path of each kind. */
const kinds: Readonly<Record<string, string>> = {
  namespaces: "/api/v1",
  services: "/api/v1",
  persistentvolumeclaims: "/api/v1",
  persistentvolumes: "/api/v1",
  deployments: "/apis/apps/v1",
  statefulsets: "/apis/apps/v1",
  jobs: "/apis/batch/v1",
  poddisruptionbudgets: "/apis/policy/v1",
  ingresses: "/apis/networking.k8s.io/v1",
  applications: "/apis/argoproj.io/v1alpha1",
  applicationsets: "/apis/argoproj.io/v1alpha1",
  validatingwebhookconfigurations: "/apis/admissionregistration.k8s.io/v1",
  mutatingwebhookconfigurations: "/apis/admissionregistration.k8s.io/v1",
};

/** An object of the listing with what a teardown could change of it. */
function describe(kind: string, { metadata, spec }: KubernetesObject): string {
  const { namespace, name, uid, deletionTimestamp, finalizers = [] } = metadata;
  const { persistentVolumeReclaimPolicy: reclaim } = (spec ?? {}) as { persistentVolumeReclaimPolicy?: string };
  const marks = [uid, ...finalizers, ...(deletionTimestamp ? ["deleted"] : []), ...(reclaim ? [reclaim] : [])];
  return `${kind} ${namespace ? `${namespace}/` : ""}${name} (${marks.join(", ")})`;
}

/** Everything in a cluster that is neither Kubernetes' own nor made of something else that is listed. */
export async function listCluster(kubernetes: Kubernetes): Promise<string[]> {
  const found = await Promise.all(
    Object.entries(kinds).map(async ([kind, folder]) => {
      const items = await listKnown<KubernetesObject>(kubernetes, `${folder}/${kind}`);
      return items
        .filter(({ metadata: { namespace, name } }) => !isSystem(kind === "namespaces" ? name : (namespace ?? "")))
        .map((item) => describe(kind, item));
    }),
  );
  return found.flat().sort();
}

/** Writes down what is made again under some paths until it is disposed of. */
export interface ChangeRecorder extends AsyncDisposable {
  /** `Deployment guests/guests-nginx` for each object that was made, in their order. */
  readonly made: readonly string[];
  /** `Application argocd/guests` for each object that went. */
  readonly gone: readonly string[];
}

/** Follows these paths; what is there already does not count. */
export async function recordChanges(kubernetes: Kubernetes, paths: readonly string[]): Promise<ChangeRecorder> {
  const stop = new AbortController();
  const made: string[] = [];
  const gone: string[] = [];
  const lists: Promise<void>[] = [];
  const following = paths.map((path) => {
    const kind = path.split("/").at(-1) ?? path;
    let known: ReadonlyMap<string, KubernetesObject> | undefined;
    let listed = () => {};
    lists.push(new Promise((resolve) => (listed = resolve)));
    return kubernetes.follow(path, {
      signal: stop.signal,
      onChange(items) {
        const is = (key: string, among: typeof items) => among.has(key);
        if (known) {
          const earlier = known;
          for (const [key, { metadata }] of items)
            if (earlier.get(key)?.metadata.uid !== metadata.uid) made.push(`${kind} ${key}`);
          for (const key of earlier.keys()) if (!is(key, items)) gone.push(`${kind} ${key}`);
        }
        known = items;
        listed();
      },
    });
  });
  await Promise.all(lists);
  return {
    made,
    gone,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(following);
    },
  };
}

/** How often a node tells that it is there, in milliseconds; Kubernetes gives it up after fifty seconds without. */
const heartbeat = 10_000;

/** Makes a node that is ready, and stays so until it is disposed of. */
export async function playReadyNode(kubernetes: Kubernetes, name: string, zone: string): Promise<Disposable> {
  const path = `/api/v1/nodes/${name}`;
  await kubernetes.create("/api/v1/nodes", {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "topology.kubernetes.io/zone": zone } },
  });
  const beat = async () => {
    const now = new Date().toISOString();
    const condition = { type: "Ready", status: "True", reason: "Played", message: "", lastHeartbeatTime: now };
    await kubernetes.patch(`${path}/status`, { status: { conditions: [condition] } }, "strategic");
  };
  await beat();
  const timer = setInterval(() => void beat().catch(() => {}), heartbeat);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Gives each claim its node, as the scheduler does for the pod that waits for it. */
export function playScheduler(kubernetes: Kubernetes, node: string, failures: unknown[]): AsyncDisposable {
  const stop = new AbortController();
  const annotation = "volume.kubernetes.io/selected-node";
  const working = actOnEach(kubernetes, "/api/v1/persistentvolumeclaims", stop.signal, failures, async (claim) => {
    const { namespace = "", name, annotations = {}, deletionTimestamp } = claim.metadata;
    if (annotations[annotation] !== undefined || deletionTimestamp !== undefined) return;
    const path = `/api/v1/namespaces/${namespace}/persistentvolumeclaims/${name}`;
    await kubernetes.patch(path, { metadata: { annotations: { [annotation]: node } } });
  });
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await working;
    },
  };
}
