import type { Volume } from "@aws-sdk/client-ec2";
import { argocdNamespace } from "../../argocd/application.ts";
import { SlipwayError } from "../../core/errors.ts";
import type { Kubernetes } from "../../kubernetes/kubernetes.ts";
import type { ObjectMeta } from "../../kubernetes/objects.ts";
import { remainingNamespace, ownNamespaces, removeNamespaces } from "./argocd.ts";
import type { Down, Remaining, Teardown } from "./down.ts";
import type { VolumePolicy } from "../policies.ts";
import { type AppDisks, openEbs, pvOf } from "./ebs.ts";
import { remainingObject, patchIfThere, remove } from "./objects.ts";
import { removeDeadWebhooks } from "./webhooks.ts";

interface PersistentVolume {
  metadata: ObjectMeta;
  spec: { persistentVolumeReclaimPolicy?: string; claimRef?: { namespace: string; name: string } };
  status?: { phase?: string };
}

const volumesPath = "/api/v1/persistentvolumes";
const claimsPath = "/api/v1/persistentvolumeclaims";

/** The label of every namespace that a release brings. */
const environmentLabel = "slipway.dev/environment";

/** The apps' data. Whoever looks after disks in the cluster is still there. */
export const volumesDown: Down = {
  minutes: 10,
  doneWhen: "no PersistentVolume, no EBS volume but those that are kept",
  async refuse(teardown: Teardown): Promise<void> {
    if (teardown.volumes !== undefined) return;
    const { disks, persistent } = await look(teardown, await teardown.environment.cluster());
    refuseRetained(persistent, disks);
  },
  /** What is kept, or copied first, must not go with its claim. */
  async prepare({ environment, volumes: policy }: Teardown): Promise<void> {
    const kubernetes = await environment.cluster();
    if (!kubernetes || (policy !== "keep" && policy !== "snapshot")) return;
    const { items } = await kubernetes.list<PersistentVolume>(volumesPath);
    for (const volume of items) await setReclaim(kubernetes, volume, "Retain");
  },
  async remaining(teardown: Teardown): Promise<Remaining[]> {
    const kubernetes = await teardown.environment.cluster();
    const { disks, persistent, claims, namespaces } = await look(teardown, kubernetes);
    return [
      ...namespaces.map(remainingNamespace),
      ...claims.map((claim) => remainingObject("PersistentVolumeClaim", claim)),
      ...persistent.map(remainingVolume),
      ...disks.map(remainingDisk),
    ];
  },
  async act(teardown: Teardown): Promise<void> {
    const kubernetes = await teardown.environment.cluster();
    const { disks, persistent, claims, namespaces } = await look(teardown, kubernetes);
    await using ebs = await openEbs(teardown.environment);
    if (kubernetes) {
      await removeDeadWebhooks(kubernetes, teardown.report);
      await removeNamespaces(kubernetes, namespaces);
      for (const claim of claims)
        await remove(kubernetes, `/api/v1/namespaces/${claim.metadata.namespace}/persistentvolumeclaims`, claim);
      for (const volume of persistent.filter(({ status }) => status?.phase !== "Bound"))
        await settle(teardown, kubernetes, ebs, volume, disks);
    }
    for (const disk of orphansOf(disks, persistent)) await settleDisk(teardown, ebs, disk);
  },
};

interface RemainingVolumes {
  /** Of the EBS CSI driver, without those that are kept. */
  disks: Volume[];
  persistent: PersistentVolume[];
  claims: { metadata: ObjectMeta }[];
  namespaces: Awaited<ReturnType<typeof ownNamespaces>>;
}

async function look({ environment }: Teardown, kubernetes: Kubernetes | undefined): Promise<RemainingVolumes> {
  await using ebs = await openEbs(environment);
  const disks = await ebs.list();
  if (!kubernetes) return { disks, persistent: [], claims: [], namespaces: [] };
  const [persistent, claims, own] = await Promise.all([
    kubernetes.list<PersistentVolume>(volumesPath),
    kubernetes.list(claimsPath),
    ownNamespaces(kubernetes),
  ]);
  const claimed = new Set(claims.items.map(({ metadata }) => metadata.namespace));
  const namespaces = own.filter(
    ({ metadata: { name, labels = {} } }) =>
      name !== argocdNamespace && (claimed.has(name) || labels[environmentLabel] !== undefined),
  );
  return { disks, persistent: persistent.items, claims: claims.items, namespaces };
}

/** The disks that no cluster knows any more. */
function orphansOf(disks: readonly Volume[], persistent: readonly PersistentVolume[]): Volume[] {
  const known = new Set(persistent.map(({ metadata }) => metadata.name));
  return disks.filter((disk) => !known.has(pvOf(disk)));
}

/** @throws SlipwayError naming the volumes that only an explicit word may take away */
function refuseRetained(persistent: readonly PersistentVolume[], disks: readonly Volume[]): void {
  const retained = persistent.filter(({ spec }) => spec.persistentVolumeReclaimPolicy === "Retain");
  const names = [
    ...retained.map(({ metadata, spec: { claimRef } }) =>
      claimRef ? `${metadata.name} of ${claimRef.namespace}/${claimRef.name}` : metadata.name,
    ),
    ...orphansOf(disks, persistent).map(({ VolumeId: id, Size: size }) => `${id} (${size} GB, in no cluster)`),
  ];
  if (names.length === 0) return;
  throw new SlipwayError(`Of these volumes, nothing says what becomes of them: ${names.join(", ")}.`, {
    next: 'Run this again with the input "volumes": delete, snapshot or keep. Nothing was changed.',
    reason: "retained-volume",
  });
}

async function setReclaim(
  kubernetes: Kubernetes,
  { metadata, spec }: PersistentVolume,
  policy: "Delete" | "Retain",
): Promise<void> {
  if (spec.persistentVolumeReclaimPolicy !== policy)
    await patchIfThere(kubernetes, `${volumesPath}/${metadata.name}`, {
      spec: { persistentVolumeReclaimPolicy: policy },
    });
}

/** What becomes of a volume that no claim uses any more; the CSI driver deletes what is to be deleted. */
async function settle(
  { volumes: policy }: Teardown,
  kubernetes: Kubernetes,
  ebs: AppDisks,
  volume: PersistentVolume,
  disks: readonly Volume[],
): Promise<void> {
  const disk = disks.find((each) => pvOf(each) === volume.metadata.name);
  if (policy === "keep") {
    if (disk) await ebs.keep(disk);
    await remove(kubernetes, volumesPath, volume);
    return;
  }
  if (policy === "snapshot" && disk && !(await ebs.snapshot(disk))) return;
  if (policy !== undefined) await setReclaim(kubernetes, volume, "Delete");
}

/** The same for a disk that no cluster knows any more. */
async function settleDisk({ volumes: policy }: Teardown, ebs: AppDisks, disk: Volume): Promise<void> {
  if (policy === "keep") await ebs.keep(disk);
  else if (policy === "delete" || (policy === "snapshot" && (await ebs.snapshot(disk)))) await ebs.remove(disk);
}

function remainingVolume(volume: PersistentVolume): Remaining {
  const { spec, status } = volume;
  const claim = spec.claimRef ? ` of ${spec.claimRef.namespace}/${spec.claimRef.name}` : "";
  const { why } = remainingObject("PersistentVolume", volume);
  return remainingObject("PersistentVolume", volume, {
    why: `${status?.phase ?? "without a phase"}${claim}${why ? `, ${why}` : ""}`,
    next: "Look at the EBS CSI driver, which deletes volumes: kubectl -n kube-system get pods.",
  });
}

function remainingDisk({ VolumeId: id = "", State: state, Attachments: attached = [] }: Volume): Remaining {
  const at = attached.flatMap(({ InstanceId: instance }) => instance ?? []).join(", ");
  return { kind: "volume", name: id, why: `${state ?? "?"}${at ? `, attached to ${at}` : ""}` };
}

/**
 * Why disks, or copies of them, are there after a teardown; also those that no driver made and that so have no tag of
 * their own that says it.
 */
export function keptVolumes(policy: VolumePolicy | undefined): { volume?: string; snapshot?: string } {
  if (policy === "keep") return { volume: "The teardown was asked to keep volumes." };
  return policy === "snapshot" ? { snapshot: "The teardown was asked for snapshots of the volumes." } : {};
}
