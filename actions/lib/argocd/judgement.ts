import type { PinnedImage } from "../gitops/images-file.ts";
import {
  type Application,
  complaintsOf,
  isCommit,
  operationOf,
  type SyncOperation,
  syncsByItself,
} from "./application.ts";
import { type Cause, causesOf } from "./causes/causes.ts";
import type { EventIndex } from "./causes/events.ts";
import type { CauseReason } from "./causes/rules.ts";
import { type ClusterIndex, type Pod } from "./objects.ts";
import { firstProblem, jobLabel, jobPods, type Serving, servingOf, unseenImages } from "./app-pods.ts";
import { describe, endOf, lastingProblem, type PodProblem } from "./problems.ts";
import { isToRun, type Rollout, rolloutsOf } from "./workloads.ts";

/** What git says about a commit that Argo CD names. */
export interface RevisionFacts {
  /** Whether it is the wanted commit or one after it. */
  contains: boolean;
  /** Whether it has the wanted digests for the app. */
  carries: boolean;
}

/** All that is known about one app at one moment. */
export interface Situation {
  app: string;
  /** The commit that has to be live. */
  commit: string;
  /** The app's images at that commit; at least one. */
  images: readonly PinnedImage[];
  /** `undefined` when Argo CD has none for the app. */
  application: Application | undefined;
  index: ClusterIndex;
  /** What the cluster warns of. */
  events: EventIndex;
  /** What git says about a commit; `undefined` while it is being asked. */
  factsOf: (revision: string) => RevisionFacts | undefined;
}

/** Why an app failed, for the output `failure-reason`. */
export type AppFailureReason =
  Exclude<PodProblem["reason"], "not-ready"> | CauseReason | "degraded" | "hook-failed" | "sync-failed";

/** What is to be said about an app at one moment. */
export type Judgement =
  | {
      state: "waiting";
      /** What for, in a few words that change only when the stage does. */
      stage: string;
      /** More, for a reader who asks why it takes so long. */
      detail: string;
      /** A pod that may be to blame. */
      problem: PodProblem | undefined;
      /** What holds it back, the origin first. How long each may last, whoever keeps the time decides. */
      causes: Cause[];
      /** As of a failure. */
      serving: Serving[];
      /** Whether Argo CD should look at git again. */
      stale: boolean;
    }
  | { state: "proven"; revision: string; syncedAt: string | undefined; rollouts: Rollout[] }
  /** Argo CD has gone on to a commit after the wanted one that wants other digests of the app. */
  | { state: "superseded"; revision: string }
  | {
      state: "failed";
      reason: AppFailureReason;
      /** A sentence, without the app's name. */
      what: string;
      problem: PodProblem | undefined;
      /** Workloads of which earlier pods still serve, with how many. */
      serving: Serving[];
    };

/**
 * Judges one app: a pure function of what Argo CD, the cluster and git say.
 *
 * Success needs all of: the compared commit is the wanted one, or one after it with the same digests; no operation
 * runs, and none for such a commit has failed; Synced; Healthy; compared again since the last operation ended; and
 * every pod of every workload is of its newest revision, ready, and runs the wanted digests. Where a commit changes
 * nothing of an app, Argo CD compares and begins no operation: the last one is of an older commit then.
 *
 * Failure is reported immediately, but never for what was broken before the wanted commit came: only pods and states that came
 * after its operation began, or that are there when all of it is applied, speak against it.
 */
export function judge(situation: Situation): Judgement {
  const { application, images, index } = situation;
  if (!application) return waiting("waiting for its Application", { stale: true });
  if (application.metadata.deletionTimestamp) return waiting("its Application is being deleted");

  const { sync, health } = application.status ?? {};
  const operation = operationOf(application);
  const compared = isCommit(sync?.revision) ? situation.factsOf(sync.revision) : undefined;
  const operated = operation?.revision === undefined ? undefined : situation.factsOf(operation.revision);
  const ours = { compared: wanted(compared), operated: wanted(operated) };
  const rollouts = rolloutsOf(application, index, images);
  const idle = operation?.state !== "running" && operation?.state !== "retrying";
  const settled = idle && ours.compared && sync?.status === "Synced";

  const failure = findFailure({ situation, application, operation, rollouts, idle, settled, operated: ours.operated });
  if (failure) return failure;
  for (const [facts, revision] of [
    [compared, sync?.revision],
    [operated, operation?.revision],
  ] as const)
    if (facts?.contains && !facts.carries && revision) return { state: "superseded", revision };

  const stage = nextStage({ situation, application, operation, rollouts, compared, idle });
  const unhealthy = health?.status === "Healthy" ? undefined : { stage: `is ${health?.status ?? "of unknown health"}` };
  const unseen = unseenImages(rollouts, images);
  const open = stage ?? unhealthy;
  if (open) {
    const held = { situation, application, operation, rollouts, idle, settled, operated: ours.operated };
    return waiting(open.stage, { ...open, ...heldBack(held) });
  }
  // What runs in no pod now, such as a CronJob's image, is known from the operation that applied it.
  if (unseen.length > 0 && !(operation?.state === "succeeded" && operated?.carries))
    return waiting(`runs ${unseen.join(", ")} in no pod`);
  return { state: "proven", revision: sync?.revision ?? "", syncedAt: operation?.finishedAt, rollouts };
}

const wanted = (facts: RevisionFacts | undefined) => facts !== undefined && facts.contains && facts.carries;
const brief = (commit: string | undefined) => commit?.slice(0, 7) ?? "nothing";

function waiting(
  stage: string,
  more: Partial<Omit<Extract<Judgement, { state: "waiting" }>, "state" | "stage">> = {},
): Judgement {
  const nothing = { detail: "", problem: undefined, causes: [], serving: [], stale: false };
  return { state: "waiting", stage, ...nothing, ...more };
}

/** What holds an app back that is waited for. */
function heldBack(seen: Moment): { problem: PodProblem | undefined; causes: Cause[]; serving: Serving[] } {
  const { situation, rollouts, operated, settled } = seen;
  const { images, events } = situation;
  const since = (time: string | undefined) => isSince(seen, time);
  return {
    problem: firstProblem(rollouts),
    causes: causesOf({ ...seen, since, ours: operated || settled, jobPods: jobPods(situation), images, events }),
    serving: servingOf(rollouts, ({ metadata }) => since(metadata.creationTimestamp)),
  };
}

/** Whether what came at a time came with the wanted commit, or is there although that changes nothing of the app. */
function isSince({ operation, settled, operated }: Moment, time: string | undefined, begin = operation?.startedAt) {
  return operated ? Date.parse(time ?? "") >= Date.parse(begin ?? "") : settled;
}

interface ObservedApp {
  situation: Situation;
  application: Application;
  operation: SyncOperation | undefined;
  rollouts: Rollout[];
}

/** Where an app is with the wanted commit. */
interface Moment extends ObservedApp {
  /** Whether no operation runs. */
  idle: boolean;
  /** Whether all of the wanted commit is applied. */
  settled: boolean;
  /** Whether the last operation is for it. */
  operated: boolean;
}

/** What is still to come before the pods are all right; nothing when git, sync and rollouts are. */
function nextStage(
  seen: ObservedApp & { compared: RevisionFacts | undefined; idle: boolean },
): { stage: string; detail?: string; stale?: boolean } | undefined {
  const { situation, application, operation, rollouts, compared, idle } = seen;
  const { sync } = application.status ?? {};
  const complaints = complaintsOf(application).join("; ");
  const unfinished = rollouts.filter(({ incomplete }) => incomplete !== undefined);
  const detail = [complaints, ...unfinished.map(({ name, incomplete }) => `${name} ${incomplete}`)]
    .filter(Boolean)
    .join("; ");
  if (!idle) {
    const words = operation?.state === "retrying" ? "will try again to sync" : "syncs";
    // Also what it says is left of an operation before, until the new one says something.
    const step = /^waiting for .*?(?= and \d+ more |$)/.exec(operation?.message ?? "")?.[0];
    const stage = `${words} ${operation?.revision === undefined ? "the newest commit" : brief(operation.revision)}`;
    return {
      stage: operation?.state === "running" && step ? `${stage}, ${step}` : stage,
      detail: [operation?.state === "retrying" ? operation.message : "", detail].filter(Boolean).join("; "),
    };
  }
  if (sync?.status === "Unknown") return { stage: "cannot be compared with git", detail: complaints, stale: true };
  if (!compared?.contains)
    return { stage: `is at ${brief(sync?.revision)}, not yet at ${brief(situation.commit)}`, detail, stale: true };
  if (!isComparedSince(application, operation)) return { stage: "is to be compared once more after the sync", detail };
  if (sync?.status !== "Synced")
    return syncsByItself(application)
      ? { stage: `is to be synced to ${brief(sync?.revision)}`, detail }
      : { stage: `is not synced to ${brief(sync?.revision)}, and auto-sync is off: sync it by hand`, detail };
  if (unfinished.length > 0) return { stage: `rolls out ${unfinished.map(({ name }) => name).join(", ")}`, detail };
  return undefined;
}

/** Whether sync and health are of after the last operation. */
function isComparedSince({ status }: Application, operation: SyncOperation | undefined): boolean {
  return !operation?.finishedAt || Date.parse(status?.reconciledAt ?? "") >= Date.parse(operation.finishedAt);
}

/** What will not come right by itself. */
function findFailure(seen: Moment): Judgement | undefined {
  const { situation, application, operation, rollouts, idle, operated } = seen;
  const { health } = application.status ?? {};
  const since = (time: string | undefined, begin?: string) => isSince(seen, time, begin);
  const isNew = ({ metadata }: Pod) => since(metadata.creationTimestamp);
  const failed = (reason: AppFailureReason, what: string, problem?: PodProblem): Judgement => ({
    state: "failed",
    reason,
    what,
    problem,
    serving: servingOf(rollouts, isNew),
  });
  /** A failure with the origin, where that is known. */
  const because = (what: string) =>
    [
      what,
      ...heldBack(seen)
        .causes.slice(0, 1)
        .map((each) => `${each.what}.`),
    ].join(" ");

  const pods = [...rollouts.flatMap(({ current }) => current), ...jobPods(situation)];
  for (const pod of pods.filter(isNew)) {
    const problem = isToRun(pod.spec, situation.images) ? lastingProblem(pod) : undefined;
    if (problem && problem.reason !== "not-ready") return failed(problem.reason, describe(problem), problem);
  }
  const hook = operated ? operation?.failedHook : undefined;
  const hookPod = hook && jobPods(situation).findLast(({ metadata }) => metadata.labels?.[jobLabel] === hook.name);
  const own = hookPod && isNew(hookPod) && isToRun(hookPod.spec, situation.images) ? hookPod : undefined;
  // An attempt may still have the results of the one before, and fail by them before it has made its own Job: the next
  // one succeeds. Only a pod of its own tells.
  if (hook && (own || operation?.state === "failed")) {
    const end = own && endOf(own);
    const said = hook.message ? `: ${hook.message}` : "";
    return failed("hook-failed", `${hook.kind} ${hook.name} failed${said}.${end ? ` ${describe(end)}` : ""}`, end);
  }
  const stuck = rollouts.filter(({ stalled }) => stalled !== undefined);
  const ours = stuck.find(({ stalled, incomplete }) => since(stalled?.since) && incomplete !== undefined);
  if (ours)
    return failed("degraded", because(`${ours.kind} ${ours.name}: ${ours.stalled?.message}`), firstProblem([ours]));
  if (operated && operation?.state === "failed") {
    const what = `The sync to ${brief(operation.revision)} failed: ${operation.message}.`;
    return failed("sync-failed", because(what), firstProblem(rollouts));
  }
  // A workload that was stuck before explains it, and is being repaired. What is said while that goes on may be of it.
  if (
    health?.status === "Degraded" &&
    operated &&
    idle &&
    isComparedSince(application, operation) &&
    stuck.length === 0 &&
    since(health.lastTransitionTime, operation?.refreshed ? operation.finishedAt : operation?.startedAt) &&
    !mayPass(application, heldBack(seen).causes)
  )
    return failed("degraded", because("Its health became Degraded."), firstProblem(rollouts));
  return undefined;
}

/** Whether all that is Degraded may still come right, such as an autoscaler that has no metrics of new pods yet. */
function mayPass({ status }: Application, causes: readonly Cause[]): boolean {
  const degraded = (status?.resources ?? []).filter(({ health }) => health?.status === "Degraded");
  return (
    degraded.length > 0 &&
    degraded.every(({ kind, name }) =>
      causes.some(({ object, patience }) => object.kind === kind && object.name === name && patience !== undefined),
    )
  );
}

/** A stage in a few words. */
export function stageOf(judgement: Judgement): string {
  switch (judgement.state) {
    case "waiting":
      return judgement.stage;
    case "proven":
      return `is live at ${brief(judgement.revision)}`;
    case "superseded":
      return `has gone on to ${brief(judgement.revision)}, which wants other images`;
    case "failed":
      return judgement.what;
  }
}
