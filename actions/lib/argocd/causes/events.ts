import type { ObjectMeta } from "../../kubernetes/objects.ts";
import { printable } from "../../core/printable.ts";

/**
 * An event, as far as it is read. The core API has those of both APIs:
 * https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
 */
export interface ClusterEvent {
  metadata: ObjectMeta;
  involvedObject: { kind: string; namespace?: string; name: string; uid?: string };
  type?: string;
  reason?: string;
  message?: string;
  count?: number;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  series?: { count: number; lastObservedTime: string };
}

/** The API path of all events. */
export const eventsPath = "/api/v1/events";

/**
 * Which events may say what holds something back: warnings, and what is told of claims (`FailedBinding`,
 * `ExternalProvisioning`) and of suspended Jobs as if it were normal.
 */
export const eventFilters = [
  "type=Warning,involvedObject.kind!=PersistentVolumeClaim",
  "involvedObject.kind=PersistentVolumeClaim",
  "involvedObject.kind=Job,reason=Suspended",
];

/** When an event was last seen; an empty text when it does not say. */
export function timeOf({ series, lastTimestamp, eventTime, metadata }: ClusterEvent): string {
  return series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? "";
}

/** How much of a foreign message is repeated, in characters: its beginning and its end, where the reason often is. */
const kept = { beginning: 400, end: 200 };

/** What others wrote, on one line that a terminal only shows. */
export function oneLine(text: string): string {
  const line = printable(text.replace(/\s+/g, " ").trim());
  const { beginning, end } = kept;
  return line.length > beginning + end ? `${line.slice(0, beginning)} ... ${line.slice(-end)}` : line;
}

/** The events of an object by what it is called, the newest first. */
export class EventIndex {
  readonly #byObject: Map<string, ClusterEvent[]>;

  constructor(events: Iterable<ClusterEvent> = []) {
    const newestFirst = [...events].sort(
      (one, other) => (Date.parse(timeOf(other)) || 0) - (Date.parse(timeOf(one)) || 0),
    );
    this.#byObject = Map.groupBy(newestFirst, ({ involvedObject: { kind, namespace, name } }) =>
      key(kind, { namespace, name }),
    );
  }

  /** @param object with its uid where that is known: an earlier object may have had the same name */
  of(
    kind: string,
    object: Pick<ObjectMeta, "name"> & { namespace?: string | undefined; uid?: string | undefined },
  ): ClusterEvent[] {
    const found = this.#byObject.get(key(kind, object)) ?? [];
    const known = (uid: string | undefined) => object.uid === undefined || uid === undefined || uid === object.uid;
    return found.filter(({ involvedObject }) => known(involvedObject.uid));
  }
}

function key(kind: string, { namespace = "", name }: { namespace?: string | undefined; name: string }): string {
  return `${kind}/${namespace}/${name}`;
}
