import { expect } from "vitest";
import type { Application, OperationState } from "../../lib/argocd/application.ts";
import { type ClusterEvent, EventIndex } from "../../lib/argocd/causes/events.ts";
import type { PinnedImage } from "../../lib/gitops/images-file.ts";
import { type Judgement, judge, type RevisionFacts } from "../../lib/argocd/judgement.ts";
import type { ContainerStatus } from "../../lib/argocd/objects.ts";
import { commits, deploymentOf, indexOf, operation, pinned, podOf, type TestObjects, times } from "./objects.ts";

export const image = pinned("guests-api", "new");
export const oldImage = pinned("guests-api", "old");
export const name = "guests-api";
export const fresh = { name, image };
export const before = { name, image: oldImage, revision: 1, made: times.before };
export const live = deploymentOf(fresh);

/** What the cluster has before the sync. */
export const oldOnly = deploymentOf(before);

/** The new ReplicaSet's pods next to the old ones. */
export const rolling = (container: Partial<ContainerStatus> = {}) =>
  deploymentOf({ ...fresh, replicas: 1, ready: 0, container }, before);

export const kept: RevisionFacts = { contains: true, carries: true };

/** `commits.later` changes nothing of the app, unless `laterFacts` says otherwise. */
export function judged(
  application: Application | undefined,
  objects: TestObjects | TestObjects[],
  {
    images = [image],
    later = kept,
    events = [],
  }: { images?: PinnedImage[]; later?: RevisionFacts | "unknown"; events?: ClusterEvent[] } = {},
): Judgement {
  const facts: Record<string, RevisionFacts | undefined> = {
    [commits.before]: { contains: false, carries: false },
    [commits.ours]: kept,
    [commits.later]: later === "unknown" ? undefined : later,
  };
  const index = indexOf(...[objects].flat());
  const factsOf = (each: string) => facts[each];
  return judge({
    app: "guests",
    commit: commits.ours,
    images,
    application,
    index,
    factsOf,
    events: new EventIndex(events),
  });
}

export const waits = (stage: string | RegExp, detail: string | RegExp = /^/) => ({
  state: "waiting",
  stage: typeof stage === "string" ? stage : (expect.stringMatching(stage) as unknown),
  detail: expect.stringMatching(detail) as unknown,
});
export const fails = (reason: string, what: RegExp) => ({
  state: "failed",
  reason,
  what: expect.stringMatching(what) as unknown,
});
export const proven = (revision: string) => ({ state: "proven", revision });
export const crashing: Partial<ContainerStatus> = {
  ready: false,
  restartCount: 3,
  state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 40s restarting failed container" } },
  lastState: { terminated: { reason: "Error", exitCode: 7 } },
};
export const pulling = (message: string): Partial<ContainerStatus> => ({
  ready: false,
  imageID: "",
  state: { waiting: { reason: "ImagePullBackOff", message } },
});
export const stalled = (objects: TestObjects, since: string): TestObjects => ({
  ...objects,
  deployments: objects.deployments.map((each) => ({
    ...each,
    status: {
      ...each.status,
      conditions: [
        {
          type: "Progressing",
          status: "False",
          reason: "ProgressDeadlineExceeded",
          lastTransitionTime: since,
          message: 'ReplicaSet "guests-api-2" has timed out progressing.',
        },
      ],
    },
  })),
});

/** An operation that began for `commits.before`, as the stored revision still says, and was tried again. */
export function refreshed(
  phase: "Running" | "Succeeded" | "Failed",
  result: string,
  more: Partial<OperationState> = {},
) {
  return operation(phase, result, {
    retryCount: 1,
    operation: { sync: { revision: commits.before }, retry: { refresh: true } },
    ...more,
  });
}

/** The failed pods of the migration, the older one last. */
export const migrationPods = (...made: string[]) => failedPods(image, ...made);
export const oldMigration = failedPods(oldImage, times.made);

function failedPods(own: PinnedImage, ...made: string[]): TestObjects {
  const owner = { kind: "Job", name: "guests-migration", uid: "job" };
  const labels = { "batch.kubernetes.io/job-name": "guests-migration" };
  const container = { ready: false, state: { terminated: { reason: "Error", exitCode: 3 } } };
  const pods = made.map((time, index) =>
    podOf(
      { name: "guests-migration", image: own, made: time, container },
      { suffix: `${index}`, ready: false, owner, labels },
    ),
  );
  for (const pod of pods) pod.status = { ...pod.status, phase: "Failed" };
  return { pods: pods.reverse(), deployments: [], replicaSets: [], statefulSets: [] };
}

export function failedHook(revision: string) {
  return {
    revision,
    resources: [
      {
        kind: "Job",
        namespace: "guests",
        name: "guests-migration",
        hookType: "Sync",
        hookPhase: "Failed",
        message: "Job has reached the specified backoff limit",
      },
    ],
  };
}
