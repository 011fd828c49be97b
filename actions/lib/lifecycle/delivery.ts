import { applicationSetsPath, syncsByItself } from "../argocd/application.ts";
import { rootApplication } from "../argocd/readiness.ts";
import { listApplications } from "./down/applications.ts";
import { deliveryDown } from "./down/delivery.ts";
import { listKnown } from "./down/objects.ts";
import { type StageObservation, observed, type StagePart, type LifecycleStage } from "./stage.ts";

/** What makes the cluster follow the branch: as long as it is there, what is deleted comes back. */
export const delivery: LifecycleStage = {
  name: "delivery",
  description: "Argo CD's root Application and its ApplicationSets, which follow the branch",
  comes: "with Argo CD",
  down: deliveryDown,
  async observe(environment): Promise<StageObservation> {
    const kubernetes = await environment.cluster();
    if (!kubernetes) return { state: "absent" };
    const [sets, applications] = await Promise.all([
      listKnown(kubernetes, applicationSetsPath),
      listApplications(kubernetes),
    ]);
    const root = applications.find(({ metadata }) => metadata.name === rootApplication);
    const parts: StagePart[] = [
      ...(root
        ? [{ name: rootApplication, facts: { is: "root Application", "syncs by itself": syncsByItself(root) } }]
        : []),
      ...sets.map(({ metadata: { name } }) => ({ name, facts: { is: "ApplicationSet" } })),
    ];
    return observed(parts, [{ broken: sets.length > 0 && !root ? "nothing keeps the ApplicationSets" : undefined }]);
  },
};
