import { describe, expect, it } from "vitest";
import type { Application } from "./application.ts";
import {
  image,
  oldImage,
  fresh,
  before,
  live,
  oldOnly,
  rolling,
  judged,
  waits,
  crashing,
  pulling,
  stalled,
  refreshed,
  failedHook,
} from "../../testing/argocd/judgement.ts";
import {
  applicationOf,
  commits,
  deploymentOf,
  operation,
  type TestObjects,
  times,
} from "../../testing/argocd/objects.ts";

describe("waits", () => {
  const manual = { spec: { destination: { namespace: "guests" }, syncPolicy: {} } };
  const off = { spec: { destination: { namespace: "guests" }, syncPolicy: { automated: { enabled: false } } } };
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
      waits("is to be synced to ccccccc", /guests-api is to run guests-api \w{12} instead of \w{12}/),
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
            message: "waiting for completion of hook batch/Job/guests-migration and 7 more hooks",
          }),
        },
        { operation: {} },
      ),
      live,
      waits("syncs ccccccc, waiting for completion of hook batch/Job/guests-migration"),
    ],
    [
      "for an operation that has let go of its first commit",
      applicationOf({ operationState: refreshed("Running", commits.before) }, { operation: {} }),
      live,
      waits("syncs the newest commit, waiting for healthy state of apps/Deployment/guests-api"),
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
    ["for new pods", applicationOf(), rolling(), waits("rolls out guests-api", /has 0 of 1 pods ready/)],
    [
      "for old pods to go",
      applicationOf(),
      deploymentOf(fresh, { ...before, replicas: 1 }),
      waits("rolls out guests-api", /still has 1 earlier pod/),
    ],
    [
      "for the digest that a node runs",
      applicationOf(),
      deploymentOf({ ...fresh, container: { imageID: `${oldImage.newName}@${oldImage.digest}` } }),
      waits("rolls out guests-api", /has 0 of 2 pods ready/),
    ],
    [
      "for the workload's controller to see the change",
      applicationOf(),
      {
        ...live,
        deployments: live.deployments.map((each) => ({ ...each, metadata: { ...each.metadata, generation: 9 } })),
      },
      waits("rolls out guests-api", /was changed a moment ago/),
    ],
    [
      "for a workload that is not there",
      applicationOf(),
      { ...live, deployments: [] },
      waits("rolls out guests-api", /is not there yet/),
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
      "an earlier pod that crashes with the very digests",
      applicationOf({ sync: outOfSync, operationState: operation("Running", commits.ours) }),
      deploymentOf({ ...fresh, made: times.before, ready: 0, container: crashing }),
    ],
    [
      "an earlier pod that crashes next to the new one",
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
