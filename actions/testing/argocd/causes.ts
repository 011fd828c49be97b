import { expect } from "vitest";
import type { ResourceStatus } from "../../lib/argocd/application.ts";
import type { Cause } from "../../lib/argocd/causes/causes.ts";
import type { ClusterEvent } from "../../lib/argocd/causes/events.ts";
import { judged, live, rolling } from "./judgement.ts";
import { applicationOf, commits, operation, type TestObjects, times } from "./objects.ts";

export const namespace = "guests";
export const deployment: ResourceStatus = { group: "apps", kind: "Deployment", namespace, name: "guests-api" };

/** An event of an object in the app's namespace. */
export function event(
  object: string,
  reason: string,
  message = "",
  more: Partial<ClusterEvent> & { uid?: string } = {},
): ClusterEvent {
  const [kind = "", name = ""] = object.split("/");
  const { uid, ...rest } = more;
  return {
    metadata: { name: `${name}.${reason}`, namespace },
    involvedObject: { kind, namespace, name, ...(uid === undefined ? {} : { uid }) },
    type: "Warning",
    reason,
    message,
    lastTimestamp: times.made,
    ...rest,
  };
}

/** What holds the app back while its sync runs, or has ended where `over`. */
export function held(
  options: {
    resources?: ResourceStatus[];
    objects?: TestObjects | TestObjects[];
    events?: ClusterEvent[];
    over?: boolean;
    state?: Parameters<typeof operation>[2];
    conditions?: { type: string; message: string }[];
    revision?: string;
  } = {},
): Cause[] {
  const { resources = [], objects = live, events = [], over = true, state = {}, conditions = [] } = options;
  const application = applicationOf({
    health: { status: "Progressing", lastTransitionTime: times.made },
    operationState: operation(over ? "Succeeded" : "Running", options.revision ?? commits.ours, state),
    resources: [deployment, ...resources],
    conditions,
  });
  const judgement = judged(application, objects, { events });
  if (judgement.state !== "waiting") throw new Error(`It is ${judgement.state}.`);
  return judgement.causes;
}

export const unhealthy = (kind: string, name: string, status = "Progressing", message?: string): ResourceStatus => ({
  kind,
  namespace,
  name,
  health: { status, ...(message === undefined ? {} : { message }) },
});
export const says = (reason: Cause["reason"], patience: number | undefined, what: string | RegExp) => ({
  reason,
  patience,
  what: typeof what === "string" ? what : (expect.stringMatching(what) as unknown),
});
/** New pods that have no node, for a reason. */
export function unscheduled(message: string, claim?: string): TestObjects {
  const objects = rolling();
  for (const pod of objects.pods.slice(0, 1)) {
    pod.status = {
      phase: "Pending",
      conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }],
    };
    if (claim) pod.spec.volumes = [{ persistentVolumeClaim: { claimName: claim } }];
  }
  return objects;
}
