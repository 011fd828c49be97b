/** What may hold an app back, for the output `failure-reason`. */
export type CauseReason =
  | "invalid"
  | "load-balancer"
  | "metrics"
  | "mount"
  | "pods-refused"
  | "refused"
  | "suspended"
  | "unschedulable"
  | "volume";

/** What the cluster or Argo CD says about an object. */
export interface Said {
  kind: string;
  /** An event's or a condition's reason, or the word of its health. */
  reason: string;
  message: string;
}

/** How something that was said is to be understood. */
export interface CauseRule {
  kind?: RegExp;
  reason?: RegExp;
  message?: RegExp;
  is: CauseReason | undefined;
  /**
   * Seconds after which it is taken for what does not heal by itself, with what may still heal it in that time. Without
   * it, only the deadline ends the wait.
   */
  patience?: number;
  /** Instead of what was said, where nothing was. */
  words?: string;
}

const retried = /failed calling webhook|being terminated|connection refused|timed? ?out|etcdserver|try again/i;
/** What the API server's own checks and its admission say, and will say again. */
const final =
  /denied the request|is invalid|violates PodSecurity|ValidatingAdmissionPolicy|not permitted in project|is forbidden/i;

/**
 * The first rule that fits holds; of several things that are said of an app, the one of the earlier rule explains the
 * others. What fits none is told and never ends the wait.
 */
export const rules: readonly CauseRule[] = [
  // A webhook's own pods may be starting, a namespace may be ending, pods that end give back what a quota counts: Argo CD
  // tries five times, over two minutes.
  { reason: /^SyncFailed$/, message: retried, is: undefined },
  { reason: /^SyncFailed$/, message: /exceeded quota/, is: undefined },
  // The objects of a sync may need each other. This is longer than the pause before the second attempt, of five seconds.
  { reason: /^SyncFailed$/, message: final, is: "refused", patience: 8 },
  { reason: /^SyncFailed$/, is: undefined },
  // The project may be on its way, by the Application that looks after Argo CD's settings.
  { kind: /^Application$/, reason: /^InvalidSpecError$/, is: "invalid", patience: 60 },
  { kind: /^Application$/, message: /kustomize build|accumulat/, is: "invalid", patience: 60 },
  { kind: /^Application$/, is: undefined },

  // The default class may come a moment later, with the platform; claims are given it afterwards.
  { reason: /^FailedBinding$/, message: /no storage class/, is: "volume", patience: 60 },
  { reason: /^ProvisioningFailed$/, message: /storageclass.* not found/i, is: "volume", patience: 60 },
  // The driver tries again 1, 2, 4, ... seconds later, seven times by then; or is being started.
  {
    reason: /^(ProvisioningFailed|ExternalProvisioning|FailedBinding|ClaimLost|ClaimMisbound)$/,
    is: "volume",
    patience: 180,
  },
  { kind: /^PersistentVolumeClaim$/, is: undefined },

  { reason: /^FailedCreate$/, message: retried, is: "pods-refused", patience: 300 },
  { reason: /^FailedCreate$/, message: /exceeded quota/, is: "pods-refused", patience: 120 },
  // The ServiceAccount of the same sync may be seconds behind.
  {
    reason: /^FailedCreate$/,
    message: /(serviceaccount|priorityclass|priority class).*not found/i,
    is: "pods-refused",
    patience: 60,
  },
  {
    reason: /^FailedCreate$/,
    message: /failed quota|per (Container|Pod)|is forbidden|denied|is invalid/i,
    is: "pods-refused",
    patience: 20,
  },
  { reason: /^FailedCreate$/, is: "pods-refused", patience: 120 },

  // A node group that grows gives a node in two to four minutes.
  { kind: /^Pod$/, reason: /^Unschedulable$/, message: /persistentvolumeclaim/i, is: "unschedulable", patience: 300 },
  { kind: /^Pod$/, reason: /^(Unschedulable|FailedScheduling)$/, is: "unschedulable", patience: 300 },
  { kind: /^Pod$/, reason: /^SchedulingGated$/, is: undefined },
  // A volume that hangs on a node that has died is let go after six minutes.
  { kind: /^Pod$/, reason: /^FailedAttachVolume$/, is: "mount", patience: 480 },
  // A Secret or ConfigMap that another one makes, such as an ExternalSecret, comes within seconds.
  {
    kind: /^Pod$/,
    reason: /^FailedMount$/,
    message: /(secret|configmap|references non-existent).*(not found|key)|object .* not registered/i,
    is: "mount",
    patience: 90,
  },
  { kind: /^Pod$/, reason: /^FailedMount$/, is: "mount", patience: 240 },
  { kind: /^Pod$/, reason: /^FailedCreatePodSandBox$/, is: undefined },

  // Controllers try again with growing pauses: five times and more by then.
  {
    kind: /^(Service|Ingress|Gateway)$/,
    reason: /^(SyncLoadBalancerFailed|Failed\w*|\w*Error)$/,
    is: "load-balancer",
    patience: 180,
  },
  // A network load balancer has its name in seconds, an application load balancer in two to three minutes at most.
  {
    kind: /^Service$/,
    reason: /^Progressing$/,
    is: "load-balancer",
    patience: 300,
    words: "has no load balancer, and no controller says why",
  },
  {
    kind: /^Ingress$/,
    reason: /^Progressing$/,
    is: "load-balancer",
    patience: 300,
    words: "has no address, and no controller says why: does its ingressClassName have one?",
  },

  // The metrics of new pods are there after 15 to 60 seconds.
  { kind: /^HorizontalPodAutoscaler$/, reason: /Metric|^Degraded$/, is: "metrics", patience: 180 },
  // Someone, or another controller, has to resume it.
  { kind: /^Job$/, reason: /^Suspended$/, is: "suspended", patience: 60, words: "is suspended" },
];

/** The rule that fits. @returns its rank, too: the lower, the closer to the origin */
export function ruleOf(said: Said): { rule: CauseRule; rank: number } {
  const fits = ({ kind, reason, message }: CauseRule) =>
    (kind?.test(said.kind) ?? true) && (reason?.test(said.reason) ?? true) && (message?.test(said.message) ?? true);
  const rank = rules.findIndex(fits);
  return { rule: rules[rank] ?? { is: undefined }, rank: rank < 0 ? rules.length : rank };
}
