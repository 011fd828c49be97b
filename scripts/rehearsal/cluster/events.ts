import { createHash } from "node:crypto";
import { type Kubernetes, KubernetesError } from "../../../actions/lib/kubernetes/kubernetes.ts";
import { type KubernetesObject } from "../../../actions/lib/kubernetes/objects.ts";

/** Something that happened to an object, as `kubectl describe` shows it. */
export interface HappenedEvent {
  type: "Normal" | "Warning";
  /** For example `EnsuredLoadBalancer`. */
  reason: string;
  message: string;
}

/** Writes down what happens to objects of one kind. Nothing waits for it, and nothing fails with it. */
export type EventRecorder = (about: Pick<KubernetesObject, "metadata">, event: HappenedEvent) => Promise<void>;

/**
 * Makes a recorder. What happens again is counted up and not written again.
 *
 * @param component who says it, for example `service-controller`
 * @param kind of the objects, for example `Service`; all are of `v1`
 */
export function eventRecorder(kubernetes: Kubernetes, component: string, kind: string): EventRecorder {
  return async ({ metadata }, { type, reason, message }) => {
    const { name, namespace, uid, resourceVersion } = metadata;
    const hash = createHash("sha256")
      .update(JSON.stringify([uid, reason, message]))
      .digest("hex")
      .slice(0, 16);
    // Events of what has no namespace are in this one.
    const path = `/api/v1/namespaces/${namespace ?? "default"}/events`;
    const now = new Date().toISOString();
    try {
      const known = await kubernetes.get<KubernetesObject & { count?: number }>(`${path}/${name}.${hash}`);
      if (known) {
        await kubernetes.patch(`${path}/${name}.${hash}`, { count: (known.count ?? 0) + 1, lastTimestamp: now });
        return;
      }
      await kubernetes.create(path, {
        apiVersion: "v1",
        kind: "Event",
        metadata: { name: `${name}.${hash}` },
        involvedObject: { apiVersion: "v1", kind, name, namespace, uid, resourceVersion },
        source: { component },
        reportingComponent: component,
        firstTimestamp: now,
        lastTimestamp: now,
        count: 1,
        type,
        reason,
        message,
      });
    } catch (error) {
      // A namespace that is going away takes no events.
      if (!(error instanceof KubernetesError)) throw error;
    }
  };
}
