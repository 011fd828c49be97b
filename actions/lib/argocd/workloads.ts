import type { PinnedImage } from "../gitops/images-file.ts";
import type { ObjectMeta } from "../kubernetes/objects.ts";
import type { Application } from "./application.ts";
import type { ClusterIndex, Pod, PodTemplate, Workload } from "./objects.ts";

/** How far a workload of an app is with what it is to run. */
export interface Rollout {
  kind: "Deployment" | "StatefulSet";
  name: string;
  /** Why not every pod serves what is wanted; nothing when all do. */
  incomplete: string | undefined;
  /** The pods of the workload's newest revision that live; none while its controller has not seen its newest change. */
  current: Pod[];
  /** The living pods of revisions before. */
  old: Pod[];
  /** How many pods are wanted. */
  wanted: number;
  /** What makes the pods: the workload itself, and a Deployment's newest ReplicaSet. */
  makers: { kind: string; metadata: ObjectMeta }[];
  /** The workload's own word that it gets no further. */
  stalled: { message: string; since: string | undefined } | undefined;
}

/** The rollouts of an Application's Deployments and StatefulSets, as its status lists them. */
export function rolloutsOf(application: Application, index: ClusterIndex, images: readonly PinnedImage[]): Rollout[] {
  const resources = application.status?.resources ?? [];
  return resources.flatMap(({ kind, name, namespace = "", hook, requiresPruning }): Rollout[] => {
    if (hook || requiresPruning) return [];
    const key = `${namespace}/${name}`;
    if (kind === "Deployment")
      return [
        rollout(kind, name, index.objects.deployments.get(key), images, (found) => splitDeployment(found, index)),
      ];
    if (kind === "StatefulSet")
      return [
        rollout(kind, name, index.objects.statefulSets.get(key), images, (found) => splitStatefulSet(found, index)),
      ];
    return [];
  });
}

interface Split {
  current: Pod[];
  old: Pod[];
  sets: ObjectMeta[];
}

function rollout(
  kind: Rollout["kind"],
  name: string,
  workload: Workload | undefined,
  images: readonly PinnedImage[],
  split: (workload: Workload) => Split,
): Rollout {
  const none: Rollout = {
    kind,
    name,
    incomplete: "is not there yet",
    current: [],
    old: [],
    stalled: undefined,
    wanted: 0,
    makers: [],
  };
  if (!workload) return none;
  const pods = split(workload);
  const { current, old, sets } = seen(workload) ? pods : { ...pods, current: [], sets: [] };
  const makers = [{ kind, metadata: workload.metadata }, ...sets.map((metadata) => ({ kind: "ReplicaSet", metadata }))];
  const progress = workload.status?.conditions?.find(({ type }) => type === "Progressing");
  const stalled =
    seen(workload) && progress?.reason === "ProgressDeadlineExceeded"
      ? { message: progress.message ?? "made no progress in time", since: progress.lastTransitionTime }
      : undefined;
  const incomplete = incompleteness(workload, images, current, old);
  return { kind, name, incomplete, current, old, stalled, wanted: workload.spec.replicas ?? 1, makers };
}

/** Whether the workload's controller has seen its newest change. */
function seen({ metadata, status }: Workload): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata.generation ?? 1);
}

const revisionAnnotation = "deployment.kubernetes.io/revision";

/** By the revision that the Deployment's controller writes to it and to its newest ReplicaSet. */
function splitDeployment({ metadata }: Workload, index: ClusterIndex): Split {
  const revision = metadata.annotations?.[revisionAnnotation];
  const split: Split = { current: [], old: [], sets: [] };
  for (const { metadata: set } of index.replicaSetsOf(metadata)) {
    const newest = revision !== undefined && set.annotations?.[revisionAnnotation] === revision;
    split[newest ? "current" : "old"].push(...index.podsOf(set).filter(lives));
    if (newest) split.sets.push(set);
  }
  return split;
}

function splitStatefulSet({ metadata, status }: Workload, index: ClusterIndex): Split {
  const newest = (pod: Pod) => pod.metadata.labels?.["controller-revision-hash"] === status?.updateRevision;
  const pods = index.podsOf(metadata).filter(lives);
  return { current: pods.filter(newest), old: pods.filter((pod) => !newest(pod)), sets: [] };
}

/** Not on its way out, and not a leftover of an eviction. */
function lives({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp === undefined && status?.phase !== "Failed" && status?.phase !== "Succeeded";
}

function incompleteness(
  workload: Workload,
  images: readonly PinnedImage[],
  current: readonly Pod[],
  old: readonly Pod[],
): string | undefined {
  const { spec, status } = workload;
  const wanted = spec.replicas ?? 1;
  if (!seen(workload)) return "was changed a moment ago";
  const other = otherImage(spec.template.spec, images);
  if (other) return `is to run ${other}`;
  if (spec.paused) return "is paused";
  const good = current.filter((pod) => isReady(pod) && runs(pod, images));
  const failure = status?.conditions?.find(({ type, status: is }) => type === "ReplicaFailure" && is === "True");
  if (failure && current.length < wanted) return `cannot make its pods: ${failure.message ?? failure.reason ?? ""}`;
  if (current.length < wanted || good.length < current.length)
    return `has ${good.length} of ${Math.max(wanted, current.length)} pods ready`;
  if (old.length > 0) return `still has ${old.length} earlier ${old.length === 1 ? "pod" : "pods"}`;
  return undefined;
}

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;
}

/** When a pod became ready. */
export function readySince({ status }: Pod): string | undefined {
  return status?.conditions?.find(({ type, status: is }) => type === "Ready" && is === "True")?.lastTransitionTime;
}

/** An image reference as `repository[:tag][@digest]`, taken apart. */
export function parseReference(reference: string): { repository: string; digest: string | undefined } {
  const [name = "", digest] = reference.split("@");
  return { repository: name.replace(/:[^:/]*$/, ""), digest };
}

/** Which of an app's images a pod is to run, by container. */
export function imagesOf(
  spec: PodTemplate["spec"],
  images: readonly PinnedImage[],
): { container: string; image: PinnedImage; digest: string | undefined }[] {
  return [...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ name, image: reference }) => {
    const { repository, digest } = parseReference(reference);
    const image = images.find(({ newName }) => newName === repository);
    return image ? { container: name, image, digest } : [];
  });
}

/** Whether all of the app's images in a pod are given with the wanted digests. */
export function isToRun(spec: PodTemplate["spec"], images: readonly PinnedImage[]): boolean {
  return otherImage(spec, images) === undefined;
}

/** The first of the app's images that is given with another digest than the wanted one. */
function otherImage(spec: PodTemplate["spec"], images: readonly PinnedImage[]): string | undefined {
  const other = imagesOf(spec, images).find(({ image, digest }) => digest !== image.digest);
  return other && `${other.image.name} ${short(other.digest)} instead of ${short(other.image.digest)}`;
}

/** A digest as a person compares it. */
export function short(digest: string | undefined): string {
  return digest?.slice("sha256:".length, "sha256:".length + 12) ?? "without a digest";
}

/**
 * Whether all of the app's images in a pod have the wanted digest, by what was asked for and by what the node runs.
 *
 * A node that pulls a reference with a digest runs that digest, or nothing. So its word is needed only where a pod's
 * image was replaced and the earlier container still runs: another digest of the same repository. Releases have no
 * index (the build adds no provenance), so the digest of the platform cannot be another one. All else that nodes
 * report says nothing of it: no digest, the digest of the image's configuration (https://github.com/openkruise/kruise/issues/2572),
 * or another repository with the same content. Then the reference counts, of a container that has started and is ready.
 */
export function runs({ spec, status }: Pod, images: readonly PinnedImage[]): boolean {
  const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  return imagesOf(spec, images).every(({ container, image, digest }) => {
    const own = statuses.find(({ name }) => name === container);
    if (!own || digest !== image.digest) return false;
    const running = runningDigest(own.imageID, image.newName);
    return running === undefined ? own.ready && !own.state?.waiting : running === image.digest;
  });
}

/** The digest that a node names for a repository, with or without a runtime's scheme (`docker-pullable://`). */
function runningDigest(imageID: string, wanted: string): string | undefined {
  const { repository, digest } = parseReference(imageID.replace(/^[a-z][a-z-]*:\/\//, ""));
  return repository === wanted ? digest : undefined;
}
