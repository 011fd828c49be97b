import type { Pod } from "../../actions/lib/argocd/objects.ts";

/** A run of a container that has, or had, something to say. */
export interface LoggedContainer {
  namespace: string;
  pod: string;
  container: string;
  /** Changes with each start of the container. */
  run: string;
  /** Whether that run goes on. */
  running: boolean;
}

/** One line of a container's log. */
export interface LogLine {
  /** When it was written, RFC 3339 in UTC with nanoseconds; empty where the node has cut the line in two. */
  time: string;
  pod: string;
  container: string;
  line: string;
}

/** Which lines are wanted. */
export interface LogChoice {
  /** The last so many of each container. */
  tail: number;
  /** Of the run before the present one. */
  previous?: boolean;
}

/** The containers of pods that have started at least once, in the order of the pods' names. */
export function loggedContainers(pods: Iterable<Pod>, { previous }: { previous: boolean }): LoggedContainer[] {
  const sorted = [...pods].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return sorted.flatMap(({ metadata: { namespace = "", name: pod, uid = "" }, status }) =>
    [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
      // A container that has never run has no image either.
      .filter(({ imageID, restartCount }) => (previous ? restartCount > 0 : imageID !== ""))
      .map(({ name: container, restartCount, state }) => ({
        namespace,
        pod,
        container,
        run: `${uid}/${container}/${restartCount}`,
        running: state !== undefined && !state.terminated && !state.waiting,
      })),
  );
}

/** The API path of a container's log. @param more further parameters, see the link */
export function logPath({ namespace, pod, container }: LoggedContainer, more: Record<string, string>): string {
  // https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod
  const query = new URLSearchParams({ container, timestamps: "true", ...more });
  return `/api/v1/namespaces/${namespace}/pods/${pod}/log?${query.toString()}`;
}

/** Takes the time off a line's front. */
export function parseLine({ pod, container }: LoggedContainer, text: string): LogLine {
  const [, time = "", line = text] = /^(\d{4}-\d\d-\d\dT\S+) ?(.*)$/s.exec(text) ?? [];
  return { time, pod, container, line: line.replace(/\r$/, "") };
}
