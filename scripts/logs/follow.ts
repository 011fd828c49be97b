import { setTimeout as sleep } from "node:timers/promises";
import type { Pod } from "../../actions/lib/argocd/workloads.ts";
import { type Kubernetes, KubernetesError } from "../../actions/lib/kubernetes.ts";
import { type LogLine, type LoggedContainer, loggedContainers, logPath, parseLine } from "./containers.ts";

/** What is followed, and who is told. */
export interface FollowOptions {
  namespace: string;
  /** Of which pods, as Kubernetes' API takes it. */
  labelSelector: string;
  /** The last so many lines of each container that is there at first. */
  tail: number;
  signal: AbortSignal;
  /** Gets each line; the next one of the same container waits for it. */
  onLine: (line: LogLine) => Promise<void>;
}

/** Until a connection that broke is made anew, in milliseconds. */
const pause = 1_000;

/**
 * Follows the logs of an app's pods, also of those that come later and of containers that start again.
 *
 * @returns when the signal aborts
 * @throws KubernetesError when the cluster refuses; what `onLine` throws
 */
export async function followLogs(kubernetes: Kubernetes, options: FollowOptions): Promise<void> {
  const { namespace, labelSelector, signal } = options;
  const begun = new Map<string, Promise<void>>();
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  let first = true;
  const begin = (container: LoggedContainer, tail: number | undefined) => {
    if (begun.has(container.run)) return;
    begun.set(
      container.run,
      followContainer(kubernetes, container, { ...options, signal: either, tail }).catch((error: unknown) => {
        failed.abort(error);
      }),
    );
  };
  try {
    await kubernetes.follow<Pod>(`/api/v1/namespaces/${namespace}/pods`, {
      query: { labelSelector },
      signal: either,
      onChange: (pods) => {
        for (const container of loggedContainers(pods.values(), { previous: false }))
          begin(container, first ? options.tail : undefined);
        first = false;
      },
    });
    if (failed.signal.aborted) throw failed.signal.reason;
  } finally {
    failed.abort();
    await Promise.all(begun.values());
  }
}

/** @param options `tail`: the last so many lines; all when undefined */
async function followContainer(
  kubernetes: Kubernetes,
  container: LoggedContainer,
  { tail, signal, onLine }: Pick<FollowOptions, "signal" | "onLine"> & { tail: number | undefined },
): Promise<void> {
  let last = "";
  while (!signal.aborted) {
    const from = last ? { sinceTime: last } : tail === undefined ? {} : { tailLines: String(tail) };
    try {
      for await (const text of kubernetes.lines(logPath(container, { follow: "true", ...from }), signal)) {
        const line = parseLine(container, text);
        // The API counts in whole seconds: what came in the last one comes again.
        if (last && line.time <= last) continue;
        last = line.time || last;
        await onLine(line);
      }
      return; // the container has ended
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      if ([400, 404].includes(error.status)) return; // it is gone
      if (!error.transient) throw error;
      await sleep(pause, undefined, { signal }).catch(() => {});
    }
  }
}
