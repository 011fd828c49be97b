import type { PinnedImage } from "../../gitops/images-file.ts";
import type { ObjectMeta } from "../../kubernetes/objects.ts";
import type { Application, ResourceStatus, SyncOperation } from "../application.ts";
import { jobLabel } from "../app-pods.ts";
import type { Pod } from "../objects.ts";
import { isReady, isToRun, type Rollout } from "../workloads.ts";
import { type EventIndex, oneLine, timeOf } from "./events.ts";
import { type CauseReason, ruleOf, type Said } from "./rules.ts";

/** Something that holds an app back, by the cluster's or Argo CD's own word. */
export interface Cause {
  /** The same for as long as it is the same, whatever its message counts. */
  key: string;
  object: { kind: string; namespace: string; name: string };
  reason: CauseReason | undefined;
  /** A sentence without its full stop, which is safe to print. */
  what: string;
  /** Seconds after which it is a failure; without, it never is by itself. */
  patience: number | undefined;
  /** The lower, the closer to the origin. */
  rank: number;
}

/** What causes are looked for in. */
export interface CauseEvidence {
  application: Application;
  operation: SyncOperation | undefined;
  rollouts: readonly Rollout[];
  /** Pods of Jobs that are to run the app's images. */
  jobPods: readonly Pod[];
  images: readonly PinnedImage[];
  events: EventIndex;
  /** Whether what came at a time came with the wanted commit. */
  since: (time: string | undefined) => boolean;
  /** Whether the wanted commit is what is applied: what is wrong before is told, but does not speak against it. */
  ours: boolean;
}

/** Everything that holds an app back, the origin first: one cause for each object, and one for all pods of a workload. */
export function causesOf(held: CauseEvidence): Cause[] {
  const found = [
    ...refusals(held),
    ...held.rollouts
      .filter(({ incomplete }) => incomplete !== undefined)
      .flatMap((rollout) => ofRollout(held, rollout)),
    ...ofHooks(held),
    ...resources(held),
  ].sort((one, other) => one.rank - other.rank);
  const byKey = Map.groupBy(found, ({ object: { kind, namespace, name } }) => `${kind}/${namespace}/${name}`);
  const first = [...byKey.values()].flatMap(([cause]) => cause ?? []);
  const groups = Map.groupBy(first, ({ key }) => key);
  return [...groups.values()].flatMap(([cause, ...more]) => {
    if (!cause) return [];
    const others = more.length > 0 ? ` (and ${more.length} more)` : "";
    return [{ ...cause, what: `${cause.what}${others}`, patience: held.ours ? cause.patience : undefined }];
  });
}

type ObjectName = Pick<ObjectMeta, "name"> & { namespace?: string | undefined };

/** What the API's clients put before a message that came too often with other names. */
const combined = /^\(combined from similar events\): /;

/** @param of what is to blame with others of its kind: the workload of a pod */
function cause(kind: string, { name, namespace = "" }: ObjectName, said: Omit<Said, "kind">, of = name): Cause {
  const { rule, rank } = ruleOf({ kind, ...said });
  const message = oneLine(said.message.replace(combined, ""));
  const words = rule.words ?? `${said.reason}${message && `: ${message}`}`;
  return {
    key: `${kind}/${namespace}/${of}/${rank}`,
    object: { kind, namespace, name },
    reason: rule.is,
    what: `${kind} ${name}${rule.words === undefined ? ": " : " "}${words}${rule.words && message ? ` (${message})` : ""}`,
    patience: rule.is && rule.patience,
    rank,
  };
}

/** What Argo CD cannot compare, and what the API server refused of the last attempt. */
function refusals({ application, operation }: CauseEvidence): Cause[] {
  const complaints = application.status?.conditions?.filter(({ type }) => type.endsWith("Error")) ?? [];
  return [
    ...complaints.map(({ type, message }) =>
      cause("Application", application.metadata, { reason: type, message }, type),
    ),
    ...(operation?.refused ?? []).map((each) =>
      cause(each.kind, each, { reason: "SyncFailed", message: each.message }),
    ),
  ];
}

/** What keeps a workload from making its pods, and its pods from being ready. */
function ofRollout(held: CauseEvidence, { kind, name, wanted, current, makers }: Rollout): Cause[] {
  const newest = Math.max(0, ...current.map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? "")));
  const making = makers.flatMap((maker) => ofMaker(held, maker.kind, maker.metadata, newest));
  return [...(current.length < wanted ? making : []), ...current.flatMap((pod) => ofPod(held, pod, `${kind}/${name}`))];
}

/** Events of what makes no pods. */
const makesNone = /^(FailedCreate|Suspended)$/;

/** @param newest when it made its last pod: what kept it from that is over */
function ofMaker(
  { events, since }: CauseEvidence,
  kind: string,
  maker: ObjectName & { uid?: string },
  newest = 0,
): Cause[] {
  const failed = events
    .of(kind, maker)
    .find((event) => makesNone.test(event.reason ?? "") && since(timeOf(event)) && Date.parse(timeOf(event)) >= newest);
  return failed ? [cause(kind, maker, { reason: failed.reason ?? "", message: failed.message ?? "" })] : [];
}

/** What keeps the Job that a sync waits for from its end. */
function ofHooks(held: CauseEvidence): Cause[] {
  const { operation, application } = held;
  const namespace = application.spec.destination.namespace;
  const waitedFor = /^waiting for completion of hook batch\/Job\/([\w.-]+)/.exec(operation?.message ?? "")?.[1];
  if (!waitedFor) return [];
  const pods = held.jobPods.filter(
    ({ metadata }) => metadata.labels?.[jobLabel] === waitedFor && held.since(metadata.creationTimestamp),
  );
  if (pods.length > 0) return pods.flatMap((pod) => ofPod(held, pod, `Job/${waitedFor}`));
  return ofMaker(held, "Job", { namespace, name: waitedFor });
}

/** Waits of a container that say nothing: they are part of every start. */
const starting = /^(ContainerCreating|PodInitializing)$/;

function ofPod({ events, since, images }: CauseEvidence, pod: Pod, of: string): Cause[] {
  const { metadata, spec, status } = pod;
  const over = /^(Succeeded|Failed)$/.test(status?.phase ?? "");
  if (isReady(pod) || over || !since(metadata.creationTimestamp) || !isToRun(spec, images)) return [];
  const unscheduled = status?.conditions?.find(({ type, status: is }) => type === "PodScheduled" && is === "False");
  if (unscheduled) {
    const { reason = "Unschedulable", message = "" } = unscheduled;
    const claims = (spec.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) => (claim ? [claim.claimName] : []));
    return [
      ...claims.flatMap((name) => ofClaim(events, { namespace: metadata.namespace, name })),
      cause("Pod", metadata, { reason, message }, of),
    ];
  }
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const waits = containers.flatMap(({ state }) => {
    const { reason = "", message = "" } = state?.waiting ?? {};
    return reason && !starting.test(reason) ? [{ reason, message }] : [];
  });
  // No container starts before all of this is done.
  const begun = containers.some(({ state }) => state && !state.waiting);
  const past = begun
    ? /^(FailedScheduling|FailedMount|FailedAttachVolume|FailedCreatePodSandBox)$/
    : /^FailedScheduling$/;
  const warnings = events.of("Pod", metadata).filter(({ reason = "" }) => !past.test(reason));
  const said = warnings.map(({ reason = "", message = "" }) => ({ reason, message }));
  return [...waits, ...said].map((each) => cause("Pod", metadata, each, of));
}

/** What was said last of a claim, unless that is that all is well. */
function ofClaim(events: EventIndex, claim: ObjectName): Cause[] {
  const [newest] = events.of("PersistentVolumeClaim", claim);
  const { reason = "", message = "" } = newest ?? {};
  if (!newest || /^(Provisioning|ProvisioningSucceeded|WaitForFirstConsumer|WaitForPodScheduled)$/.test(reason))
    return [];
  return [cause("PersistentVolumeClaim", claim, { reason, message })];
}

/** What is not there yet is to be made by the sync. */
const isHeld = ({ health }: ResourceStatus) => health !== undefined && !/^(Healthy|Missing)$/.test(health.status);

/** What Argo CD finds unhealthy, by its newest warning, else by its health; warnings alone where health is not known. */
function resources({ application, events, since }: CauseEvidence): Cause[] {
  return (application.status?.resources ?? []).flatMap((resource): Cause[] => {
    const { kind, hook, requiresPruning, health } = resource;
    // Workloads and hooks are looked at more closely.
    if (hook || requiresPruning || /^(Deployment|StatefulSet)$/.test(kind)) return [];
    if (health && !isHeld(resource)) return [];
    const about = kind === "PersistentVolumeClaim" ? ofClaim(events, resource) : ofWarning(events, resource, since);
    // What was warned of may be over.
    if (!health) return about.map((each) => ({ ...each, patience: undefined }));
    if (about.length > 0) return about;
    return [cause(kind, resource, { reason: health.status, message: health.message ?? "" })];
  });
}

function ofWarning(events: EventIndex, resource: ResourceStatus, since: CauseEvidence["since"]): Cause[] {
  const { kind, health } = resource;
  const warning = events.of(kind, resource).find((event) => health !== undefined || since(timeOf(event)));
  return warning ? [cause(kind, resource, { reason: warning.reason ?? "", message: warning.message ?? "" })] : [];
}
