import { argocdNamespace } from "../argocd/application.ts";
import type { Workload } from "../argocd/objects.ts";
import { argocdDown } from "./down/argocd.ts";
import { type StageObservation, observed, type StagePart, type LifecycleStage, type Trouble } from "./stage.ts";
import { argocdUp } from "./up/argocd.ts";

/** Argo CD's own workloads. */
export const argocd: LifecycleStage = {
  name: "argocd",
  description: "Argo CD, which brings the apps into the cluster",
  up: argocdUp,
  down: argocdDown,
  async observe(environment): Promise<StageObservation> {
    const kubernetes = await environment.cluster();
    if (!kubernetes) return { state: "absent" };
    const lists = ["deployments", "statefulsets"].map((kind) =>
      kubernetes.list<Workload>(`/apis/apps/v1/namespaces/${argocdNamespace}/${kind}`),
    );
    const workloads = (await Promise.all(lists)).flatMap(({ items }) => items);
    return observed(workloads.map(part), workloads.map(trouble));
  },
};

const ready = ({ status }: Workload): number => status?.readyReplicas ?? 0;
const wanted = ({ spec }: Workload): number => spec.replicas ?? 1;

function part(workload: Workload): StagePart {
  const image = workload.spec.template.spec.containers[0]?.image ?? "?";
  return {
    name: workload.metadata.name,
    facts: { version: versionOf(image), ready: `${ready(workload)} of ${wanted(workload)}` },
  };
}

/** The tag of an image, or its digest where it has no tag. */
function versionOf(image: string): string {
  return /:([\w.-]+)(@|$)/.exec(image.split("/").at(-1) ?? "")?.[1] ?? image.split("@").at(-1) ?? image;
}

function trouble(workload: Workload): Trouble {
  const { name } = workload.metadata;
  const progress = workload.status?.conditions?.find(({ type }) => type === "Progressing");
  if (progress?.status === "False") return { broken: `${name}: ${progress.message ?? progress.reason ?? "is stuck"}` };
  return ready(workload) < wanted(workload) ? { changing: `${name} is not ready` } : {};
}
