import { setTimeout as sleep } from "node:timers/promises";
import type { Pod } from "../../actions/lib/argocd/objects.ts";
import { type Kubernetes, KubernetesError } from "../../actions/lib/kubernetes/kubernetes.ts";
import { type LogLine, type LoggedContainer, loggedContainers, logPath, parseLine } from "./containers.ts";

/** What is followed, and who is told. */
export interface FollowLogsOptions {
  namespace: string;
  /** Of which pods, as Kubernetes' API takes it. */
  labelSelector: string;
  /** The last so many lines of each container that is there at first. */
  tail: number;
  signal: AbortSignal;
  /** Gets each line; the next one of the same container waits for it. */
  onLine: (line: LogLine) => Promise<void>;
}

/** Until a connection that broke is made again, in milliseconds. */
const pause = 1_000;

/**
 * Follows the logs of an app's pods, also of those that come later and of containers that start again.
 *
 * @returns when the signal aborts
 * @throws KubernetesError when the cluster refuses; what `onLine` throws
 */
export async function followLogs(kubernetes: Kubernetes, options: FollowLogsOptions): Promise<void> {
  const { namespace, labelSelector, signal } = options;
  const begun = new Map<string, Promise<void>>();
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  let containers: LoggedContainer[] | undefined;
  const isRunning = (run: string) => containers?.some((each) => each.run === run && each.running) ?? false;
  try {
    await kubernetes.follow<Pod>(`/api/v1/namespaces/${namespace}/pods`, {
      query: { labelSelector },
      signal: either,
      onChange: (pods) => {
        const tail = containers ? undefined : options.tail;
        containers = loggedContainers(pods.values(), { previous: false });
        for (const container of containers.filter(({ run }) => !begun.has(run))) {
          const following = { ...options, tail, signal: either, isRunning: () => isRunning(container.run) };
          const work = followContainer(kubernetes, container, following);
          begun.set(
            container.run,
            work.catch((error: unknown) => failed.abort(error)),
          );
        }
      },
    });
    if (failed.signal.aborted) throw failed.signal.reason;
  } finally {
    failed.abort();
    await Promise.all(begun.values());
  }
}

/** How one run of a container is followed. */
interface Following extends Pick<FollowLogsOptions, "signal" | "onLine"> {
  /** The last so many lines at first; all when undefined. */
  tail: number | undefined;
  isRunning: () => boolean;
}

async function followContainer(
  kubernetes: Kubernetes,
  container: LoggedContainer,
  following: Following,
): Promise<void> {
  const { tail, signal, onLine, isRunning } = following;
  let last = "";
  let cut: boolean;
  do {
    cut = false;
    const since = last;
    const from = since ? { sinceTime: since } : tail === undefined ? {} : { tailLines: String(tail) };
    try {
      for await (const text of kubernetes.lines(logPath(container, { follow: "true", ...from }), signal)) {
        const line = parseLine(container, text);
        // The API counts in whole seconds: what came in the last one comes again.
        if (since && line.time <= since) continue;
        last = line.time || last;
        await onLine(line);
      }
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      if ([400, 404].includes(error.status)) return; // it is gone
      if (!error.transient) throw error;
      cut = true;
    }
    // The answer ends with the container, but also with its node's patience; by then the watch knows which it was.
    await sleep(pause, undefined, { signal }).catch(() => {});
  } while (!signal.aborted && (cut || isRunning()));
}
