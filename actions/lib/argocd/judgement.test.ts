import { describe, expect, it } from "vitest";
import type { PinnedImage } from "../gitops/images-file.ts";
import { type Judgement, judge, type RevisionFacts } from "./judgement.ts";
import {
  applicationOf,
  commits,
  deploymentOf,
  indexOf,
  operation,
  pinned,
  podOf,
  replicaSetOf,
  statefulSetOf,
  type TestObjects,
  times,
} from "./test-objects.ts";
import type { Application, OperationState } from "./application.ts";
import type { ContainerStatus } from "./workloads.ts";

const image = pinned("visits-api", "new");
const oldImage = pinned("visits-api", "old");
const name = "visits-api";
const fresh = { name, image };
const before = { name, image: oldImage, revision: 1, made: times.before };
const live = deploymentOf(fresh);
/** What the cluster has before the sync. */
const oldOnly = deploymentOf(before);
/** The new ReplicaSet's pods beside the old ones. */
const rolling = (container: Partial<ContainerStatus> = {}) =>
  deploymentOf({ ...fresh, replicas: 1, ready: 0, container }, before);

const kept: RevisionFacts = { contains: true, carries: true };

/** `commits.later` changes nothing of the app, unless `laterFacts` says otherwise. */
function judged(
  application: Application | undefined,
  objects: TestObjects | TestObjects[],
  { images = [image], later = kept }: { images?: PinnedImage[]; later?: RevisionFacts | "unknown" } = {},
): Judgement {
  const facts: Record<string, RevisionFacts | undefined> = {
    [commits.before]: { contains: false, carries: false },
    [commits.ours]: kept,
    [commits.later]: later === "unknown" ? undefined : later,
  };
  const index = indexOf(...[objects].flat());
  return judge({ app: "visits", commit: commits.ours, images, application, index, factsOf: (each) => facts[each] });
}

const waits = (stage: string | RegExp, detail: string | RegExp = /^/) => ({
  state: "waiting",
  stage: typeof stage === "string" ? stage : expect.stringMatching(stage),
  detail: expect.stringMatching(detail),
});
const fails = (reason: string, what: RegExp) => ({ state: "failed", reason, what: expect.stringMatching(what) });
const proven = (revision: string) => ({ state: "proven", revision });
const crashing: Partial<ContainerStatus> = {
  ready: false,
  restartCount: 3,
  state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 40s restarting failed container" } },
  lastState: { terminated: { reason: "Error", exitCode: 7 } },
};
const pulling = (message: string): Partial<ContainerStatus> => ({
  ready: false,
  imageID: "",
  state: { waiting: { reason: "ImagePullBackOff", message } },
});
const stalled = (objects: TestObjects, since: string): TestObjects => ({
  ...objects,
  deployments: objects.deployments.map((each) => ({
    ...each,
    status: {
      ...each.status,
      conditions: [
        {
          ...{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", lastTransitionTime: since },
          message: 'ReplicaSet "visits-api-2" has timed out progressing.',
        },
      ],
    },
  })),
});

describe("is proven", () => {
  it.each<[string, Application, TestObjects]>([
    ["when all of it is live", applicationOf(), live],
    [
      "when the commit changes nothing of the app, so that no operation was begun for it",
      applicationOf({ operationState: operation("Succeeded", commits.before) }),
      live,
    ],
    [
      "when a commit takes back what failed before it was applied",
      applicationOf({ operationState: operation("Failed", commits.before) }),
      live,
    ],
    ["when everything was there before the Application", applicationOf({ operationState: undefined }), live],
    [
      "when it was compared in the second in which the operation ended",
      applicationOf({ reconciledAt: times.finished }),
      live,
    ],
    [
      "when it is scaled to nothing, and the operation applied it",
      applicationOf(),
      deploymentOf({ ...fresh, replicas: 0 }),
    ],
    [
      "while an old pod ends",
      applicationOf(),
      ((objects) => {
        for (const pod of objects.pods.slice(2)) pod.metadata.deletionTimestamp = times.finished;
        return objects;
      })(deploymentOf(fresh, before)),
    ],
  ])("%s", (_, application, objects) => {
    expect(judged(application, objects)).toMatchObject(proven(commits.ours));
  });

  it("at a commit after it that keeps its digests", () => {
    const sync = { status: "Synced" as const, revision: commits.later };
    expect(judged(applicationOf({ sync }), live)).toMatchObject(proven(commits.later));
    const superseded = judged(applicationOf({ sync }), live, { later: { contains: true, carries: false } });
    expect(superseded).toEqual({ state: "superseded", revision: commits.later });
    expect(judged(applicationOf({ sync }), live, { later: "unknown" }).state).toBe("waiting");
  });

  it("with the pods of a StatefulSet", () => {
    const resources = [{ group: "apps", kind: "StatefulSet", namespace: "visits", name }];
    const application = applicationOf({ resources });
    expect(judged(application, statefulSetOf(fresh))).toMatchObject(proven(commits.ours));
    expect(judged(application, statefulSetOf(fresh, "one"))).toMatchObject(
      waits("rolls out visits-api", /0 of 1 pods/),
    );
    expect(judged(application, statefulSetOf({ ...fresh, image: oldImage }))).toMatchObject(
      waits("rolls out visits-api"),
    );
  });

  it("with an image that only a CronJob uses, when an operation has applied it", () => {
    const images: PinnedImage[] = [image, pinned("visits-report", "new")];
    expect(judged(applicationOf(), live, { images })).toMatchObject(proven(commits.ours));
    const elsewhere = applicationOf({ operationState: operation("Failed", commits.before) });
    expect(judged(elsewhere, live, { images })).toMatchObject(waits("runs visits-report in no pod"));
  });
});

describe("waits", () => {
  const manual = { spec: { destination: { namespace: "visits" }, syncPolicy: {} } };
  const off = { spec: { destination: { namespace: "visits" }, syncPolicy: { automated: { enabled: false } } } };
  const outOfSync = { status: "OutOfSync" as const, revision: commits.ours };
  const unknown = { status: "Unknown" as const, revision: "main" };
  const conditions = [{ type: "ComparisonError", message: "rpc error: connection refused" }];
  const ended = operation("Succeeded", commits.before, { startedAt: times.before, finishedAt: times.before });

  it.each<[string, Application | undefined, TestObjects, ReturnType<typeof waits>]>([
    ["for the Application", undefined, oldOnly, waits("waiting for its Application")],
    [
      "for a new Application's first comparison",
      applicationOf({ sync: undefined, health: undefined, operationState: undefined, reconciledAt: undefined }),
      oldOnly,
      waits("is at nothing, not yet at ccccccc"),
    ],
    [
      "healthy on the old revision",
      applicationOf({ sync: { status: "Synced", revision: commits.before }, operationState: ended }),
      oldOnly,
      waits("is at bbbbbbb, not yet at ccccccc"),
    ],
    [
      "healthy on the old revision, with the very digests",
      applicationOf({ sync: { status: "Synced", revision: commits.before }, operationState: ended }),
      live,
      waits("is at bbbbbbb, not yet at ccccccc"),
    ],
    [
      "for the sync",
      applicationOf({ sync: outOfSync, operationState: ended }),
      oldOnly,
      waits("is to be synced to ccccccc", /visits-api is to run visits-api \w{12} instead of \w{12}/),
    ],
    [
      "for a person's sync",
      applicationOf({ sync: outOfSync, operationState: ended }, manual),
      oldOnly,
      waits(/auto-sync is off/),
    ],
    [
      "for a person's sync, by the newer switch",
      applicationOf({ sync: outOfSync, operationState: ended }, off),
      oldOnly,
      waits(/auto-sync is off/),
    ],
    [
      "for an operation that is asked for",
      applicationOf({ operationState: ended }, { operation: { sync: { revision: commits.ours } } }),
      live,
      waits("syncs ccccccc"),
    ],
    [
      "for an operation that runs",
      applicationOf(
        {
          operationState: operation("Running", commits.ours, {
            message: "waiting for completion of hook batch/Job/visits-migration and 7 more hooks",
          }),
        },
        { operation: {} },
      ),
      live,
      waits("syncs ccccccc, waiting for completion of hook batch/Job/visits-migration"),
    ],
    [
      "for an operation that has let go of its first commit",
      applicationOf({ operationState: refreshed("Running", commits.before) }, { operation: {} }),
      live,
      waits("syncs the newest commit, waiting for healthy state of apps/Deployment/visits-api"),
    ],
    [
      "for the next attempt",
      applicationOf({
        sync: outOfSync,
        operationState: operation("Running", commits.ours, {
          finishedAt: times.finished,
          message: "one or more objects failed to apply",
        }),
      }),
      oldOnly,
      waits("will try again to sync ccccccc", /failed to apply/),
    ],
    [
      "for the comparison after the operation",
      applicationOf({ reconciledAt: times.started }),
      live,
      waits("is to be compared once more after the sync"),
    ],
    [
      "for a comparison that never was",
      applicationOf({ reconciledAt: undefined }),
      live,
      waits("is to be compared once more after the sync"),
    ],
    ["for its health", applicationOf({ health: { status: "Progressing" } }), live, waits("is Progressing")],
    [
      "while git cannot be read",
      applicationOf({ sync: unknown, conditions, health: { status: "Unknown" }, operationState: ended }),
      oldOnly,
      waits("cannot be compared with git", /connection refused/),
    ],
    ["for new pods", applicationOf(), rolling(), waits("rolls out visits-api", /has 0 of 1 pods ready/)],
    [
      "for old pods to go",
      applicationOf(),
      deploymentOf(fresh, { ...before, replicas: 1 }),
      waits("rolls out visits-api", /has 1 pod of before left/),
    ],
    [
      "for the digest that a node runs",
      applicationOf(),
      deploymentOf({ ...fresh, container: { imageID: `${oldImage.newName}@${oldImage.digest}` } }),
      waits("rolls out visits-api", /has 0 of 2 pods ready/),
    ],
    [
      "for the workload's controller to see the change",
      applicationOf(),
      {
        ...live,
        deployments: live.deployments.map((each) => ({ ...each, metadata: { ...each.metadata, generation: 9 } })),
      },
      waits("rolls out visits-api", /was changed a moment ago/),
    ],
    [
      "for a workload that is not there",
      applicationOf(),
      { ...live, deployments: [] },
      waits("rolls out visits-api", /is not there yet/),
    ],
  ])("%s", (_, application, objects, expected) => {
    expect(judged(application, objects)).toMatchObject(expected);
  });

  it("asks Argo CD to look again exactly where it is behind git", () => {
    const stale = (application: Application | undefined) => {
      const judgement = judged(application, live);
      return judgement.state === "waiting" && judgement.stale;
    };
    expect(stale(undefined)).toBe(true);
    expect(stale(applicationOf({ sync: { status: "Synced", revision: commits.before } }))).toBe(true);
    expect(stale(applicationOf({ sync: unknown, conditions }))).toBe(true);
    expect(stale(applicationOf({ sync: outOfSync }))).toBe(false);
    expect(stale(applicationOf({ operationState: operation("Running", commits.ours) }))).toBe(false);
  });

  it.each<[string, Application, TestObjects]>([
    [
      "Degraded from before, being repaired",
      applicationOf({
        health: { status: "Degraded", lastTransitionTime: times.before },
        operationState: operation("Running", commits.ours),
      }),
      stalled(oldOnly, times.before),
    ],
    [
      "Degraded again after git could not be read, by what was stuck before",
      applicationOf({
        health: { status: "Degraded", lastTransitionTime: times.made },
        operationState: operation("Running", commits.ours),
      }),
      stalled(oldOnly, times.before),
    ],
    [
      "Degraded although the commit changes nothing of it",
      applicationOf({
        health: { status: "Degraded", lastTransitionTime: times.made },
        operationState: operation("Succeeded", commits.before),
      }),
      live,
    ],
    [
      "a pod of before that crashes with the very digests",
      applicationOf({ sync: outOfSync, operationState: operation("Running", commits.ours) }),
      deploymentOf({ ...fresh, made: times.before, ready: 0, container: crashing }),
    ],
    [
      "a pod of before that crashes beside the new one",
      applicationOf({ operationState: operation("Succeeded", commits.ours) }),
      deploymentOf({ ...fresh, ready: 0 }, { ...before, image, container: crashing, ready: 0 }),
    ],
    [
      "an operation for the old revision that failed",
      applicationOf({ sync: outOfSync, operationState: operation("Failed", commits.before) }),
      oldOnly,
    ],
    [
      "a hook that failed in the operation before, whose results are still there",
      applicationOf({
        sync: outOfSync,
        operationState: operation("Running", commits.ours, { syncResult: failedHook(commits.before) }),
      }),
      oldOnly,
    ],
    [
      "Degraded by a commit before, whose operation has taken up the wanted one",
      applicationOf({
        health: { status: "Degraded", lastTransitionTime: times.made },
        operationState: refreshed("Succeeded", commits.ours),
      }),
      live,
    ],
    [
      "Degraded in the operation that repairs it, as it was compared before that ended",
      applicationOf({
        health: { status: "Degraded", lastTransitionTime: times.made },
        reconciledAt: times.made,
        operationState: operation("Succeeded", commits.ours),
      }),
      live,
    ],
    [
      "Degraded in the operation that repairs it, while that goes on",
      applicationOf({
        health: { status: "Degraded", lastTransitionTime: times.made },
        operationState: operation("Running", commits.ours),
      }),
      live,
    ],
    [
      "a pod of a commit before, whose operation goes on with the newest one",
      applicationOf({ sync: outOfSync, operationState: refreshed("Running", commits.before) }),
      rolling(crashing),
    ],
    [
      "a crash of other digests",
      applicationOf(),
      deploymentOf({ ...fresh, image: oldImage, ready: 0, container: crashing }),
    ],
    ["a pod that crashed twice", applicationOf(), rolling({ ...crashing, restartCount: 2 })],
    [
      "an image that a busy registry does not give",
      applicationOf(),
      rolling(pulling("Back-off pulling image: 503 Service Unavailable")),
    ],
  ])("and does not call it a failure: %s", (_, application, objects) => {
    expect(judged(application, objects).state).toBe("waiting");
  });
});

/** An operation that began for `commits.before`, as the stored revision still says, and was tried again. */
function refreshed(phase: "Running" | "Succeeded" | "Failed", result: string, more: Partial<OperationState> = {}) {
  return operation(phase, result, {
    retryCount: 1,
    operation: { sync: { revision: commits.before }, retry: { refresh: true } },
    ...more,
  });
}

/** The failed pods of the migration, the older one last. */
const migrationPods = (...made: string[]) => failedPods(image, ...made);
const oldMigration = failedPods(oldImage, times.made);

function failedPods(own: PinnedImage, ...made: string[]): TestObjects {
  const owner = { kind: "Job", name: "visits-migration", uid: "job" };
  const labels = { "batch.kubernetes.io/job-name": "visits-migration" };
  const container = { ready: false, state: { terminated: { reason: "Error", exitCode: 3 } } };
  const pods = made.map((time, index) =>
    podOf(
      { name: "visits-migration", image: own, made: time, container },
      { suffix: `${index}`, ready: false, owner, labels },
    ),
  );
  for (const pod of pods) pod.status = { ...pod.status, phase: "Failed" };
  return { pods: pods.reverse(), deployments: [], replicaSets: [], statefulSets: [] };
}

function failedHook(revision: string) {
  return {
    revision,
    resources: [
      {
        ...{ kind: "Job", namespace: "visits", name: "visits-migration", hookType: "Sync", hookPhase: "Failed" },
        message: "Job has reached the specified backoff limit",
      },
    ],
  };
}

describe("fails at once", () => {
  const running = { operationState: operation("Running", commits.ours) };

  it.each<[string, Application, TestObjects, ReturnType<typeof fails>]>([
    [
      "when a new pod crashes again and again",
      applicationOf(running),
      rolling(crashing),
      fails("crash-loop", /^Pod visits-api-2-0, container api, crashes again and again \(exit code 7, 3 restarts\)\.$/),
    ],
    [
      "when its image does not exist",
      applicationOf(running),
      rolling(pulling('Back-off pulling image "x": ErrImagePull: rpc error: code = NotFound desc = x: not found')),
      fails(
        "image-pull",
        /^Pod visits-api-2-0, container api, cannot pull its image \(ImagePullBackOff: .*: not found\)\.$/,
      ),
    ],
    [
      "when the registry lets nobody in",
      applicationOf(running),
      rolling(pulling("failed to authorize: unexpected status: 403 Forbidden")),
      fails("image-pull", /403/),
    ],
    [
      "when its image's name is none",
      applicationOf(running),
      rolling({ ready: false, state: { waiting: { reason: "InvalidImageName" } } }),
      fails("image-pull", /InvalidImageName/),
    ],
    [
      "when it cannot be created",
      applicationOf(running),
      rolling({
        ready: false,
        state: { waiting: { reason: "CreateContainerConfigError", message: 'secret "visits" not found' } },
      }),
      fails("container-config", /secret "visits" not found/),
    ],
    [
      "when the operation for it failed",
      applicationOf({
        operationState: operation("Failed", commits.ours, {
          message: "one or more objects failed to apply (retried 5 times).",
        }),
      }),
      oldOnly,
      fails("sync-failed", /^The sync to ccccccc failed: one or more objects failed to apply/),
    ],
    [
      "when an operation that began for a commit before failed for it",
      applicationOf({ operationState: refreshed("Failed", commits.ours) }),
      oldOnly,
      fails("sync-failed", /^The sync to ccccccc failed/),
    ],
    [
      "when the operation for a later commit with the same digests had an error",
      applicationOf({ operationState: operation("Error", commits.later, { message: "project not found" }) }),
      oldOnly,
      fails("sync-failed", /ddddddd/),
    ],
    [
      "when its workload gets no further",
      applicationOf({ health: { status: "Degraded", lastTransitionTime: times.finished } }),
      stalled(rolling(), times.finished),
      fails("degraded", /^Deployment visits-api: ReplicaSet "visits-api-2" has timed out progressing\.$/),
    ],
    [
      "when its health became Degraded by something else",
      applicationOf({ health: { status: "Degraded", lastTransitionTime: times.finished } }),
      live,
      fails("degraded", /became Degraded/),
    ],
  ])("%s", (_, application, objects, expected) => {
    expect(judged(application, objects)).toMatchObject(expected);
  });

  const attempt = (retryCount: number, revision = commits.ours): OperationState =>
    operation("Running", commits.ours, {
      ...{ retryCount, finishedAt: times.finished, syncResult: failedHook(commits.ours) },
      operation: { sync: { revision }, retry: { refresh: true } },
    });

  it.each<[string, OperationState]>([
    ["in the last attempt", operation("Failed", commits.ours, { syncResult: failedHook(commits.ours) })],
    ["in the first attempt, although it is to be repeated", attempt(1)],
    ["in an attempt of an operation that began for the commit before", attempt(2, commits.before)],
  ])("when a hook failed %s, naming its newest pod, and what still serves", (_, operationState) => {
    const objects = [oldOnly, migrationPods("2026-05-01T10:00:09Z", "2026-05-01T10:00:20Z")];
    expect(judged(applicationOf({ operationState }), objects)).toMatchObject({
      ...fails(
        "hook-failed",
        /^Job visits-migration failed: Job has reached the specified backoff limit\. Pod visits-migration-1, container api, failed \(exit code 3\)\.$/,
      ),
      serving: [{ name, pods: 2 }],
      problem: { pod: { namespace: "visits", name: "visits-migration-1" }, container: "api" },
    });
  });

  it.each<[string, OperationState, TestObjects]>([
    ["whose pods are of before", attempt(1), migrationPods(times.before)],
    ["for the commit before, which the operation has let go of", attempt(2, commits.before), oldMigration],
    ["whose pods the attempt has deleted already", attempt(2, commits.before), oldOnly],
  ])("but not when a Job failed %s, and an attempt is to come", (_, operationState, pods) => {
    const judgement = judged(applicationOf({ operationState }), [oldOnly, pods]);
    expect(judgement).toMatchObject(waits("will try again to sync ccccccc"));
  });

  it("nor while the Job goes on after a pod that failed, and only the results of an attempt before are there", () => {
    const operationState = operation("Running", commits.ours, { syncResult: failedHook(commits.ours) });
    const objects = [oldOnly, migrationPods(times.made)];
    expect(judged(applicationOf({ operationState }), objects)).toMatchObject(waits(/^syncs ccccccc/));
  });

  it("counts the pods of before that go on serving", () => {
    const judgement = judged(applicationOf(running), rolling(crashing));
    expect(judgement).toMatchObject({ serving: [{ name, pods: 2 }] });
    const gone = deploymentOf({ ...fresh, ready: 0, container: crashing });
    expect(judged(applicationOf(running), gone)).toMatchObject({ state: "failed", serving: [] });
  });

  it("also where the commit changes nothing, but what is there does not run", () => {
    const application = applicationOf({ operationState: operation("Succeeded", commits.before) });
    const objects = deploymentOf({ ...fresh, made: times.before, ready: 0, container: crashing });
    expect(judged(application, objects)).toMatchObject(fails("crash-loop", /visits-api-2-0/));
  });

  it("never for an eviction's leftover, and never by a ReplicaSet of before", () => {
    const evicted = replicaSetOf({ ...fresh, replicas: 1, container: crashing });
    for (const pod of evicted.pods) {
      pod.metadata.name = "evicted";
      pod.status = { ...pod.status, phase: "Failed", reason: "Evicted" };
    }
    const objects = { ...live, pods: [...live.pods, ...evicted.pods] };
    expect(judged(applicationOf(), objects)).toMatchObject(proven(commits.ours));
  });
});
