import type { PinnedImage } from "../gitops/images-file.ts";
import type { Application } from "./application.ts";
import type { ClusterIndex, Pod } from "./objects.ts";
import { type PodProblem, problemOf } from "./problems.ts";
import { imagesOf, isReady, type Rollout } from "./workloads.ts";

/** Earlier pods that still serve. */
export interface Serving {
  name: string;
  pods: number;
}

/** Whose pods are meant. */
export interface PodsOf {
  application: Application | undefined;
  index: ClusterIndex;
  images: readonly PinnedImage[];
}

/** A pod's label with the name of its Job. */
export const jobLabel = "batch.kubernetes.io/job-name";

/** The pods of Jobs in the app's namespace that are to run its images, the newest last. */
export function jobPods({ application, index, images }: PodsOf): Pod[] {
  const namespace = application?.spec.destination.namespace;
  const found = index
    .podsIn(namespace)
    .filter(({ metadata, spec }) => metadata.labels?.[jobLabel] && imagesOf(spec, images).length > 0);
  const made = ({ metadata }: Pod) => Date.parse(metadata.creationTimestamp ?? "");
  return found.sort((one, other) => made(one) - made(other));
}

/** The ready earlier pods of workloads whose rollout is not complete. */
export function servingOf(rollouts: readonly Rollout[], isNew: (pod: Pod) => boolean): Serving[] {
  return rollouts.flatMap(({ name, incomplete, current, old }) => {
    const pods = [...current.filter((pod) => !isNew(pod)), ...old].filter(isReady).length;
    return incomplete !== undefined && pods > 0 ? { name, pods } : [];
  });
}

/** The first problem of a pod of the newest revisions. */
export function firstProblem(rollouts: readonly Rollout[]): PodProblem | undefined {
  return rollouts
    .flatMap(({ current }) => current)
    .map(problemOf)
    .find((each) => each !== undefined);
}

/** The names of the images that no pod of the newest revisions is to run. */
export function unseenImages(rollouts: readonly Rollout[], images: readonly PinnedImage[]): string[] {
  const seen = rollouts.flatMap(({ current }) => current).flatMap(({ spec }) => imagesOf(spec, images));
  return images.filter((image) => !seen.some((each) => each.image === image)).map(({ name }) => name);
}
