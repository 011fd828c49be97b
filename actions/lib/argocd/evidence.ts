import { messageOf } from "../core/errors.ts";
import type { Kubernetes } from "../kubernetes/kubernetes.ts";
import { type ClusterEvent, oneLine, timeOf } from "./causes/events.ts";
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
      .list<ClusterEvent>(`${folder}/events`, {
        fieldSelector: `involvedObject.kind=Pod,involvedObject.name=${pod.name}`,
      })
      .then(({ items }) => newest(items), unreadable("events")),
    container === undefined
      ? []
      : kubernetes
          .text(`${folder}/pods/${pod.name}/log?${new URLSearchParams({ ...query, container }).toString()}`, patience)
          .then((text) => text.trimEnd().split("\n").filter(Boolean), unreadable("the log")),
  ]);
  return { events, log };
}

function newest(events: readonly ClusterEvent[]): string[] {
  const sorted = [...events].sort((one, other) => Date.parse(timeOf(one)) - Date.parse(timeOf(other)));
  return sorted.slice(-newestEvents).map((event) => {
    const times = event.series?.count ?? event.count ?? 1;
    const text = oneLine(`${event.type} ${event.reason}: ${event.message ?? ""}`);
    return times > 1 ? `${text} (${times} times)` : text;
  });
}
