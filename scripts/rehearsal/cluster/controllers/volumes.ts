import { messageOf, SlipwayError } from "../../../../actions/lib/core/errors.ts";
import type { Kubernetes } from "../../../../actions/lib/kubernetes/kubernetes.ts";
import type { KubernetesObject } from "../../../../actions/lib/kubernetes/objects.ts";
import { ControllerStopped, type WatchedKind, type MakeStep } from "./controller.ts";
import { type EbsVolumes, gibibytes } from "./ebs-volume.ts";
import { eventRecorder } from "../events.ts";

/** The folders that stand for volumes, on the node that mounts them. */
export interface NodeFolders {
  /** Makes a folder, and those above it; one that is there is no error. */
  make(node: string, path: string): Promise<void>;
  /** Removes a folder with all in it; one that is not there is no error. */
  remove(node: string, path: string): Promise<void>;
}

/** Where volumes are. */
export interface VolumePlaces {
  folders: NodeFolders;
  /** The zone of nodes that are in none. */
  defaultZone: string | undefined;
}

interface PersistentVolumeClaim extends KubernetesObject {
  spec: {
    storageClassName?: string;
    volumeName?: string;
    volumeMode?: string;
    accessModes?: string[];
    resources?: { requests?: { storage?: string } };
  };
}

interface StorageClass extends KubernetesObject {
  provisioner: string;
  parameters?: Record<string, string>;
  reclaimPolicy?: string;
  volumeBindingMode?: string;
}

interface PersistentVolume extends KubernetesObject {
  spec: {
    persistentVolumeReclaimPolicy?: string;
    local?: { path: string };
    nodeAffinity?: { required?: { nodeSelectorTerms: { matchExpressions?: { values?: string[] }[] }[] } };
  };
  status?: { phase?: string };
}

const driver = "ebs.csi.aws.com";
const component = "ebs.csi.aws.com_ebs-csi-controller";

/** What keeps a PersistentVolume until the volume behind it is deleted. */
export const provisionerFinalizer = "external-provisioner.volume.kubernetes.io/finalizer";

/** Holds the id of a PersistentVolume's volume; the real one has it in `spec.csi.volumeHandle`. */
export const volumeIdAnnotation = "ebs.csi.aws.com/volume-id";
const nodeAnnotation = "volume.kubernetes.io/selected-node";
const provisionedBy = "pv.kubernetes.io/provisioned-by";
const folder = "/var/lib/slipway-volumes";

/**
 * PersistentVolumeClaims of StorageClasses of the EBS CSI driver, as its provisioner takes care of them.
 * https://github.com/kubernetes-sigs/sig-storage-lib-external-provisioner/blob/master/controller/controller.go
 *
 * In place of a disk, a PersistentVolume is a folder on the node that the pod was put on: kubelet gives it to the pod's
 * fsGroup as it does with a disk. The volume in AWS is never attached, because the emulator makes no instances for node
 * groups: it stays `available`.
 */
export function claims(
  kubernetes: Kubernetes,
  volumes: EbsVolumes,
  { folders, defaultZone }: VolumePlaces,
): WatchedKind {
  const record = eventRecorder(kubernetes, component, "PersistentVolumeClaim");

  async function provision(claim: PersistentVolumeClaim, storage: StorageClass, step: MakeStep): Promise<void> {
    const { namespace = "", name: claimName, uid = "", annotations = {}, resourceVersion } = claim.metadata;
    const name = `pvc-${uid}`;
    if (await kubernetes.get(`/api/v1/persistentvolumes/${name}`)) return;
    if (claim.spec.volumeMode === "Block") throw new SlipwayError("a rehearsal has no block volumes");
    const message = `External provisioner is provisioning volume for claim "${namespace}/${claimName}"`;
    await record(claim, { type: "Normal", reason: "Provisioning", message });
    const node = annotations[nodeAnnotation] ?? (await anyNode(kubernetes));
    const size = gibibytes(claim.spec.resources?.requests?.storage ?? "");
    const id = await volumes.ensure(
      {
        name,
        claim: { namespace, name: claimName },
        gibibytes: size,
        zone: await zoneOf(kubernetes, node, defaultZone),
        parameters: storage.parameters ?? {},
      },
      step,
    );
    const path = `${folder}/${id}`;
    await step("MakeFolder", () => folders.make(node, path));
    const reclaimPolicy = storage.reclaimPolicy ?? "Delete";
    await step("CreatePersistentVolume", () =>
      kubernetes.create("/api/v1/persistentvolumes", {
        apiVersion: "v1",
        kind: "PersistentVolume",
        metadata: {
          name,
          annotations: { [provisionedBy]: driver, [volumeIdAnnotation]: id },
          finalizers: ["kubernetes.io/pv-protection", ...(reclaimPolicy === "Delete" ? [provisionerFinalizer] : [])],
        },
        spec: {
          capacity: { storage: `${size}Gi` },
          accessModes: claim.spec.accessModes,
          persistentVolumeReclaimPolicy: reclaimPolicy,
          storageClassName: claim.spec.storageClassName,
          volumeMode: "Filesystem",
          claimRef: {
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            namespace,
            name: claimName,
            uid,
            resourceVersion,
          },
          local: { path },
          // A disk can be mounted in its whole zone, a folder only where it is.
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] },
              ],
            },
          },
        },
      }),
    );
    const done = `Successfully provisioned volume ${name}`;
    await record(claim, { type: "Normal", reason: "ProvisioningSucceeded", message: done });
  }

  return {
    path: "/api/v1/persistentvolumeclaims",
    async reconcile(key, step) {
      const [namespace = "", name = ""] = key.split("/");
      const claim = await kubernetes.get<PersistentVolumeClaim>(
        `/api/v1/namespaces/${namespace}/persistentvolumeclaims/${name}`,
      );
      const { annotations = {} } = claim?.metadata ?? {};
      // Kubernetes' own volume controller says so when it is the driver's turn.
      if (!claim || claim.spec.volumeName || annotations["volume.kubernetes.io/storage-provisioner"] !== driver) return;
      const storage = await kubernetes.get<StorageClass>(
        `/apis/storage.k8s.io/v1/storageclasses/${claim.spec.storageClassName ?? ""}`,
      );
      if (storage?.provisioner !== driver) return;
      if (storage.volumeBindingMode === "WaitForFirstConsumer" && !annotations[nodeAnnotation]) return;
      try {
        await provision(claim, storage, step);
      } catch (error) {
        if (error instanceof ControllerStopped) throw error;
        const message = `failed to provision volume with StorageClass "${storage.metadata.name}": ${messageOf(error)}`;
        await record(claim, { type: "Warning", reason: "ProvisioningFailed", message });
        throw error;
      }
    },
  };
}

/** PersistentVolumes that `claims` made, which go after their claims where the reclaim policy is Delete. */
export function persistentVolumes(kubernetes: Kubernetes, volumes: EbsVolumes, { folders }: VolumePlaces): WatchedKind {
  const record = eventRecorder(kubernetes, component, "PersistentVolume");

  async function remove(volume: PersistentVolume, path: string, step: MakeStep): Promise<void> {
    await volumes.delete(volume.metadata.annotations?.[volumeIdAnnotation] ?? "", step);
    const node = nodeOf(volume);
    const { local } = volume.spec;
    // A node that is gone has taken its folders with it.
    if (local && (await kubernetes.get(`/api/v1/nodes/${node}`)))
      await step("RemoveFolder", () => folders.remove(node, local.path));
    if (volume.metadata.deletionTimestamp === undefined)
      await step("DeletePersistentVolume", () => kubernetes.delete(path));
    await setFinalizer(path, false, step);
  }

  async function setFinalizer(path: string, wanted: boolean, step: MakeStep): Promise<void> {
    const { metadata } = (await kubernetes.get(path)) ?? {};
    const { finalizers = [], resourceVersion } = metadata ?? {};
    if (!metadata || finalizers.includes(provisionerFinalizer) === wanted) return;
    const others = finalizers.filter((one) => one !== provisionerFinalizer);
    const changed = { resourceVersion, finalizers: wanted ? [...others, provisionerFinalizer] : others };
    await step(wanted ? "AddFinalizer" : "RemoveFinalizer", () => kubernetes.patch(path, { metadata: changed }));
  }

  return {
    path: "/api/v1/persistentvolumes",
    async reconcile(key, step) {
      const path = `/api/v1/persistentvolumes/${key}`;
      const volume = await kubernetes.get<PersistentVolume>(path);
      const { annotations = {}, finalizers = [], deletionTimestamp } = volume?.metadata ?? {};
      if (!volume || annotations[provisionedBy] !== driver) return;
      const { persistentVolumeReclaimPolicy: policy } = volume.spec;
      const phase = volume.status?.phase;
      // The policy may be changed later, by hand.
      if (policy === "Retain") await setFinalizer(path, false, step);
      else if (phase === "Bound" && deletionTimestamp === undefined) await setFinalizer(path, true, step);
      const deleted = deletionTimestamp !== undefined && !finalizers.includes(provisionerFinalizer);
      if (policy !== "Delete" || phase !== "Released" || deleted) return;
      try {
        await remove(volume, path, step);
      } catch (error) {
        if (error instanceof ControllerStopped) throw error;
        await record(volume, { type: "Warning", reason: "VolumeFailedDelete", message: messageOf(error) });
        throw error;
      }
    },
  };
}

async function zoneOf(kubernetes: Kubernetes, node: string, otherwise: string | undefined): Promise<string> {
  const label = "topology.kubernetes.io/zone";
  const zone = (await kubernetes.get(`/api/v1/nodes/${node}`))?.metadata.labels?.[label] ?? otherwise;
  if (!zone) throw new SlipwayError(`there is no node ${node} with the label ${label}`);
  return zone;
}

/** Where a volume goes that waits for no pod. */
async function anyNode(kubernetes: Kubernetes): Promise<string> {
  const [node] = (await kubernetes.list("/api/v1/nodes")).items;
  if (!node) throw new SlipwayError("there is no node");
  return node.metadata.name;
}

/** The node in a volume's own node affinity. kubelet gives a node its host name as its name. */
function nodeOf({ spec }: PersistentVolume): string {
  return spec.nodeAffinity?.required?.nodeSelectorTerms[0]?.matchExpressions?.[0]?.values?.[0] ?? "";
}
