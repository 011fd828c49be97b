import { oneLine } from "./causes/events.ts";
import { isReady } from "./workloads.ts";
import { type ContainerStatus, type Pod } from "./objects.ts";

/** What keeps a pod from doing its work, in a container of it or as a whole. */
export interface PodProblem {
  pod: { namespace: string; name: string };
  /** Absent where the pod as a whole is meant. */
  container: string | undefined;
  /**
   * What a workflow may branch on. The first three do not go away by themselves; `not-ready` may.
   */
  reason: "crash-loop" | "image-pull" | "container-config" | "not-ready";
  /** Half a sentence: what the container or pod does. */
  what: string;
  /** Whether the log to read is that of the container before. */
  previousLog: boolean;
}

/** A container that came up again this often, and fell again, will not get up by itself. */
export const crashes = 3;

/** What a registry says about an image that will not be there at the next attempt either. */
const noSuchImage =
  /not found|manifest unknown|does not exist|repository .*unknown|unauthorized|denied|forbidden|no basic auth|invalid reference/i;

/** A problem of a pod that does not go away by itself; `undefined` when it has none. */
export function lastingProblem(pod: Pod): PodProblem | undefined {
  for (const status of statusesOf(pod)) {
    const waiting = status.state?.waiting;
    const reason = waiting?.reason ?? "";
    const message = waiting?.message ? `: ${oneLine(waiting.message)}` : "";
    const problem = (kind: PodProblem["reason"], what: string, previousLog = false): PodProblem => ({
      pod: nameOf(pod),
      container: status.name,
      reason: kind,
      what,
      previousLog,
    });
    if (/^(ErrImagePull|ImagePullBackOff)$/.test(reason) && noSuchImage.test(waiting?.message ?? ""))
      return problem("image-pull", `cannot pull its image (${reason}${message})`);
    if (/^(InvalidImageName|ErrImageNeverPull)$/.test(reason))
      return problem("image-pull", `cannot have its image (${reason}${message})`);
    if (reason === "CreateContainerConfigError")
      return problem("container-config", `cannot be created (${reason}${message})`);
    // A Job counts the failures of its pods itself.
    if (status.restartCount >= crashes && !isOfJob(pod) && (reason === "CrashLoopBackOff" || status.state?.terminated))
      return problem("crash-loop", `crashes again and again (${exitOf(status)})`, !status.state?.terminated);
  }
  return undefined;
}

/** Why a pod is not ready, also where that may pass; `undefined` when it is ready. */
export function problemOf(pod: Pod): PodProblem | undefined {
  const lasting = lastingProblem(pod);
  if (lasting) return lasting;
  if (isReady(pod)) return undefined;
  const problem = (container: string | undefined, what: string, previousLog = false): PodProblem => ({
    pod: nameOf(pod),
    container,
    reason: "not-ready",
    what,
    previousLog,
  });
  const unscheduled = pod.status?.conditions?.find(({ type, status }) => type === "PodScheduled" && status === "False");
  if (unscheduled)
    return problem(undefined, `has no node (${oneLine(unscheduled.message ?? unscheduled.reason ?? "")})`);
  const status = statusesOf(pod).find((each) => !each.ready && each.state?.terminated?.exitCode !== 0);
  if (!status) return problem(undefined, `is ${pod.status?.phase ?? "not there yet"}`);
  const waiting = status.state?.waiting;
  if (waiting) {
    const message = waiting.message ? `: ${oneLine(waiting.message)}` : "";
    const crashed = status.restartCount > 0;
    return problem(status.name, `waits (${waiting.reason ?? "no reason"}${message})`, crashed);
  }
  if (status.state?.terminated) return problem(status.name, `ended (${exitOf(status)})`);
  const restarts = status.restartCount > 0 ? `, after ${status.restartCount} restarts (${exitOf(status)})` : "";
  return problem(status.name, `runs but is not ready${restarts}`);
}

/** A problem as a sentence. */
export function describe({ pod, container, what }: PodProblem): string {
  return `Pod ${pod.name}${container === undefined ? "" : `, container ${container},`} ${what}.`;
}

/** How the pod of a failed Job ended. */
export function endOf(pod: Pod): PodProblem {
  const failed = statusesOf(pod).find((each) => (each.state?.terminated?.exitCode ?? 0) !== 0);
  const evicted = pod.status?.reason ? `${pod.status.reason}: ${oneLine(pod.status.message ?? "")}` : "no reason given";
  return {
    pod: nameOf(pod),
    container: failed?.name,
    reason: "crash-loop",
    what: `failed (${failed ? exitOf(failed) : evicted})`,
    previousLog: false,
  };
}

function exitOf({ state, lastState, restartCount }: ContainerStatus): string {
  const end = state?.terminated ?? lastState?.terminated;
  const restarts = restartCount > 0 ? `${restartCount} restarts` : "";
  if (!end) return restarts || "no exit code";
  const reason = end.reason && end.reason !== "Error" ? `${end.reason}, ` : "";
  return `${reason}exit code ${end.exitCode}${restarts && `, ${restarts}`}`;
}

function isOfJob({ metadata }: Pod): boolean {
  return metadata.ownerReferences?.some(({ kind }) => kind === "Job") ?? false;
}

function statusesOf({ status }: Pod): ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

function nameOf({ metadata }: Pod): PodProblem["pod"] {
  return { namespace: metadata.namespace ?? "", name: metadata.name };
}
