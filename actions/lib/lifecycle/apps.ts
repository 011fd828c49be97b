import { type Application, complaintsOf, operationOf } from "../argocd/application.ts";
import { ClusterIndex, readObjects } from "../argocd/objects.ts";
import { rolloutsOf } from "../argocd/workloads.ts";
import { messageOf, SlipwayError } from "../core/errors.ts";
import type { ReleasedApp } from "../gitops/released.ts";
import { isSyncing, listApplications } from "./down/applications.ts";
import { appsDown } from "./down/apps.ts";
import { type StageObservation, observed, type StagePart, type LifecycleStage, type Trouble } from "./stage.ts";

/** Argo CD's Applications, compared with what the branch's newest commit wants. */
export const apps: LifecycleStage = {
  name: "apps",
  description: "Argo CD's Applications, and what runs of the newest release",
  comes: "by Argo CD, from the commit of actions/release",
  down: appsDown,
  async observe(environment): Promise<StageObservation> {
    const kubernetes = await environment.cluster();
    if (!kubernetes) return { state: "absent" };
    const [applications, index, git] = await Promise.all([
      listApplications(kubernetes),
      readObjects(kubernetes).then((objects) => new ClusterIndex(objects)),
      environment.released().catch(unreadable),
    ]);
    const released = "commit" in git ? git.apps : [];
    const missing = released.filter(({ app }) => !applications.some(({ metadata }) => metadata.name === app));
    const seen = applications.map((application) => {
      const wanted = released.find(({ app }) => app === application.metadata.name);
      return { part: part(application, wanted, index), trouble: trouble(application, wanted, index) };
    });
    const observation = observed(
      seen.map((each) => each.part),
      [
        ...seen.map((each) => each.trouble),
        ...missing.map(({ app }) => ({ changing: `${app} has no Application yet` })),
      ],
    );
    if ("commit" in git || observation.state === "absent") return observation;
    return { state: "unknown", parts: observation.parts, why: `What is released cannot be read: ${git.why}` };
  },
};

function unreadable(error: unknown): { why: string } {
  if (!(error instanceof SlipwayError)) throw error;
  return { why: messageOf(error) };
}

function part(application: Application, wanted: ReleasedApp | undefined, index: ClusterIndex): StagePart {
  const { sync, health } = application.status ?? {};
  const rollouts = wanted ? rolloutsOf(application, index, wanted.images) : [];
  const done = rollouts.filter(({ incomplete }) => incomplete === undefined).length;
  return {
    name: application.metadata.name,
    facts: {
      revision: sync?.revision?.slice(0, 7) ?? "none",
      sync: sync?.status ?? "Unknown",
      health: health?.status ?? "Unknown",
      ...(wanted && { images: wanted.images.length, "as released": `${done} of ${rollouts.length} workloads` }),
    },
  };
}

/** Argo CD's words for what does not come right by itself, and for what may. */
const stuck = new Set(["Degraded", "Missing", "Suspended"]);

function trouble(application: Application, wanted: ReleasedApp | undefined, index: ClusterIndex): Trouble {
  const { name } = application.metadata;
  const { sync, health } = application.status ?? {};
  const rollouts = wanted ? rolloutsOf(application, index, wanted.images) : [];
  const complaint = complaintsOf(application)[0];
  const operation = operationOf(application);
  const runs = isSyncing(application);
  if (complaint) return { broken: `${name}: ${complaint}` };
  if (operation?.state === "failed" && sync?.status !== "Synced")
    return { broken: `${name}: its last sync failed: ${operation.message}` };
  if (stuck.has(health?.status ?? "") && !runs) return { broken: `${name} is ${health?.status}` };
  if (runs) return { changing: `${name} syncs` };
  if (sync?.status !== "Synced") return { changing: `${name} is ${sync?.status ?? "not compared yet"}` };
  const open = rollouts.find(({ incomplete }) => incomplete !== undefined);
  if (open) return { changing: `${open.name} ${open.incomplete}` };
  return health?.status === "Healthy" ? {} : { changing: `${name} is ${health?.status ?? "not looked at yet"}` };
}
