import { type Kubernetes, KubernetesError } from "../../actions/lib/kubernetes/kubernetes.ts";
import { mapConcurrently } from "../../actions/lib/core/concurrency.ts";
import type { Pod } from "../../actions/lib/argocd/objects.ts";
import {
  type LogChoice,
  type LogLine,
  type LoggedContainer,
  loggedContainers,
  logPath,
  parseLine,
} from "./containers.ts";

/** What the pods of an app have said, in the order of time. @throws KubernetesError when the cluster cannot be asked */
export async function readLogs(kubernetes: Kubernetes, pods: readonly Pod[], choice: LogChoice): Promise<LogLine[]> {
  const { previous = false } = choice;
  const containers = loggedContainers(pods, { previous });
  const logs = await mapConcurrently(containers, 8, (container) => readLog(kubernetes, container, choice));
  return logs.flat().sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

async function readLog(
  kubernetes: Kubernetes,
  container: LoggedContainer,
  { tail, previous = false }: LogChoice,
): Promise<LogLine[]> {
  try {
    const path = logPath(container, { tailLines: String(tail), ...(previous && { previous: "true" }) });
    const lines = (await kubernetes.text(path)).split("\n");
    if (lines.at(-1) === "") lines.pop();
    return lines.map((line) => parseLine(container, line));
  } catch (error) {
    // Gone since it was listed, or its node has deleted the log by now.
    if (error instanceof KubernetesError && [400, 404].includes(error.status)) return [];
    throw error;
  }
}
