import { describe, expect, it } from "vitest";
import type { Application, OperationState } from "./application.ts";
import type { PinnedImage } from "../gitops/images-file.ts";
import {
  image,
  oldImage,
  name,
  fresh,
  before,
  live,
  oldOnly,
  rolling,
  judged,
  waits,
  fails,
  proven,
  crashing,
  pulling,
  stalled,
  refreshed,
  migrationPods,
  oldMigration,
  failedHook,
} from "../../testing/argocd/judgement.ts";
import {
  applicationOf,
  commits,
  deploymentOf,
  operation,
  pinned,
  replicaSetOf,
  statefulSetOf,
  type TestObjects,
  times,
} from "../../testing/argocd/objects.ts";

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
    const resources = [{ group: "apps", kind: "StatefulSet", namespace: "guests", name }];
    const application = applicationOf({ resources });
    expect(judged(application, statefulSetOf(fresh))).toMatchObject(proven(commits.ours));
    expect(judged(application, statefulSetOf(fresh, "one"))).toMatchObject(
      waits("rolls out guests-api", /0 of 1 pods/),
    );
    expect(judged(application, statefulSetOf({ ...fresh, image: oldImage }))).toMatchObject(
      waits("rolls out guests-api"),
    );
  });

  it("with an image that only a CronJob uses, when an operation has applied it", () => {
    const images: PinnedImage[] = [image, pinned("guests-report", "new")];
    expect(judged(applicationOf(), live, { images })).toMatchObject(proven(commits.ours));
    const elsewhere = applicationOf({ operationState: operation("Failed", commits.before) });
    expect(judged(elsewhere, live, { images })).toMatchObject(waits("runs guests-report in no pod"));
  });
});

describe("fails at once", () => {
  const running = { operationState: operation("Running", commits.ours) };

  it.each<[string, Application, TestObjects, ReturnType<typeof fails>]>([
    [
      "when a new pod crashes again and again",
      applicationOf(running),
      rolling(crashing),
      fails("crash-loop", /^Pod guests-api-2-0, container api, crashes again and again \(exit code 7, 3 restarts\)\.$/),
    ],
    [
      "when its image does not exist",
      applicationOf(running),
      rolling(pulling('Back-off pulling image "x": ErrImagePull: rpc error: code = NotFound desc = x: not found')),
      fails(
        "image-pull",
        /^Pod guests-api-2-0, container api, cannot pull its image \(ImagePullBackOff: .*: not found\)\.$/,
      ),
    ],
    [
      "when the registry lets nobody in",
      applicationOf(running),
      rolling(pulling("failed to authorize: unexpected status: 403 Forbidden")),
      fails("image-pull", /403/),
    ],
    [
      "when its image's name is invalid",
      applicationOf(running),
      rolling({ ready: false, state: { waiting: { reason: "InvalidImageName" } } }),
      fails("image-pull", /InvalidImageName/),
    ],
    [
      "when it cannot be created",
      applicationOf(running),
      rolling({
        ready: false,
        state: { waiting: { reason: "CreateContainerConfigError", message: 'secret "guests" not found' } },
      }),
      fails("container-config", /secret "guests" not found/),
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
      fails("degraded", /^Deployment guests-api: ReplicaSet "guests-api-2" has timed out progressing\.$/),
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
      retryCount,
      finishedAt: times.finished,
      syncResult: failedHook(commits.ours),
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
        /^Job guests-migration failed: Job has reached the specified backoff limit\. Pod guests-migration-1, container api, failed \(exit code 3\)\.$/,
      ),
      serving: [{ name, pods: 2 }],
      problem: { pod: { namespace: "guests", name: "guests-migration-1" }, container: "api" },
    });
  });

  it.each<[string, OperationState, TestObjects]>([
    ["whose pods are earlier ones", attempt(1), migrationPods(times.before)],
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

  it("counts the earlier pods that still serve", () => {
    const judgement = judged(applicationOf(running), rolling(crashing));
    expect(judgement).toMatchObject({ serving: [{ name, pods: 2 }] });
    const gone = deploymentOf({ ...fresh, ready: 0, container: crashing });
    expect(judged(applicationOf(running), gone)).toMatchObject({ state: "failed", serving: [] });
  });

  it("also where the commit changes nothing, but what is there does not run", () => {
    const application = applicationOf({ operationState: operation("Succeeded", commits.before) });
    const objects = deploymentOf({ ...fresh, made: times.before, ready: 0, container: crashing });
    expect(judged(application, objects)).toMatchObject(fails("crash-loop", /guests-api-2-0/));
  });

  it("never for an eviction's leftover, and never by an earlier ReplicaSet", () => {
    const evicted = replicaSetOf({ ...fresh, replicas: 1, container: crashing });
    for (const pod of evicted.pods) {
      pod.metadata.name = "evicted";
      pod.status = { ...pod.status, phase: "Failed", reason: "Evicted" };
    }
    const objects = { ...live, pods: [...live.pods, ...evicted.pods] };
    expect(judged(applicationOf(), objects)).toMatchObject(proven(commits.ours));
  });
});
