import { messageOf } from "../errors.ts";
import type { Kubernetes } from "../kubernetes.ts";
import type { ObjectMeta } from "../kubernetes-objects.ts";
import type { PodProblem } from "./problems.ts";

/** What the cluster has to say about a pod that is to blame, oldest first. */
export interface Evidence {
  events: string[];
  log: string[];
}

const newestEvents = 5;
const lastLines = 20;

/** A node that does not give the log within this time, in milliseconds, does not give it. */
const patience = 3_000;

interface PodEvent {
  metadata: ObjectMeta;
  type?: string;
  reason?: string;
  message?: string;
  count?: number;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  series?: { count: number; lastObservedTime: string };
}

/** The newest events of a pod and the last lines of its container's log; what cannot be read says why instead. */
export async function gatherEvidence(
  kubernetes: Kubernetes,
  { pod, container, previousLog }: PodProblem,
): Promise<Evidence> {
  const folder = `/api/v1/namespaces/${pod.namespace}`;
  const query = { tailLines: String(lastLines), limitBytes: "20000", ...(previousLog && { previous: "true" }) };
  const unreadable = (what: string) => (error: unknown) => [`(${what} cannot be read: ${messageOf(error)})`];
  const [events, log] = await Promise.all([
    kubernetes
      .list<PodEvent>(`${folder}/events`, { fieldSelector: `involvedObject.kind=Pod,involvedObject.name=${pod.name}` })
      .then(({ items }) => newest(items), unreadable("events")),
    container === undefined
      ? []
      : kubernetes
          .text(`${folder}/pods/${pod.name}/log?${new URLSearchParams({ ...query, container }).toString()}`, patience)
          .then((text) => text.trimEnd().split("\n").filter(Boolean), unreadable("the log")),
  ]);
  return { events, log };
}

function newest(events: readonly PodEvent[]): string[] {
  const when = (event: PodEvent) =>
    event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? "";
  const sorted = [...events].sort((one, other) => Date.parse(when(one)) - Date.parse(when(other)));
  return sorted.slice(-newestEvents).map((event) => {
    const times = event.series?.count ?? event.count ?? 1;
    const text = `${event.type} ${event.reason}: ${event.message ?? ""}`.replace(/\s+/g, " ").trim();
    return times > 1 ? `${text} (${times} times)` : text;
  });
}
