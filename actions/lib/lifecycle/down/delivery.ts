import { type Application, applicationSetsPath, syncsByItself } from "../../argocd/application.ts";
import { rootApplication } from "../../argocd/readiness.ts";
import type { Kubernetes } from "../../kubernetes/kubernetes.ts";
import {
  isSyncing,
  remainingApplication,
  listApplications,
  makesApplications,
  removeAlone,
  stopSyncs,
} from "./applications.ts";
import type { Down, Remaining, Teardown } from "./down.ts";
import { type Deletable, remainingObject, listKnown, remove } from "./objects.ts";
import { removeDeadWebhooks } from "./webhooks.ts";

/** From here on nothing new comes in from git, and nothing that goes is brought back. */
export const deliveryDown: Down = {
  minutes: 5,
  doneWhen: "no ApplicationSet, no Application that makes others, no sync under way or to come by itself",
  async remaining({ environment }: Teardown): Promise<Remaining[]> {
    const kubernetes = await environment.cluster();
    if (!kubernetes) return [];
    const { sets, makers, others } = await find(kubernetes);
    const syncing = others.filter((each) => syncsByItself(each) || isSyncing(each));
    return [
      ...makers.map((each) => remainingObject("Application", each)),
      ...sets.map((each) => remainingObject("ApplicationSet", each)),
      ...(await Promise.all(syncing.map((each) => remainingApplication(kubernetes, each)))),
    ];
  },
  async act({ environment, report }: Teardown): Promise<void> {
    const kubernetes = await environment.cluster();
    if (!kubernetes) return;
    await removeDeadWebhooks(kubernetes, report);
    const { sets, makers, others } = await find(kubernetes);
    // Whoever makes sets and Applications goes first, or they come back.
    for (const maker of makers) await stopSyncs(kubernetes, maker).then(() => removeAlone(kubernetes, maker));
    if (makers.length > 0) return;
    // What a set made stays: deleting it is the next stage's work, one Application at a time.
    for (const set of sets) await remove(kubernetes, applicationSetsPath, set, { propagationPolicy: "Orphan" });
    if (sets.length > 0) return;
    for (const application of others) await stopSyncs(kubernetes, application);
  },
};

interface DeliveryObjects {
  sets: Deletable[];
  makers: Application[];
  others: Application[];
}

async function find(kubernetes: Kubernetes): Promise<DeliveryObjects> {
  const [sets, applications] = await Promise.all([
    listKnown(kubernetes, applicationSetsPath),
    listApplications(kubernetes),
  ]);
  const isMaker = (each: Application) => each.metadata.name === rootApplication || makesApplications(each);
  return { sets, makers: applications.filter(isMaker), others: applications.filter((each) => !isMaker(each)) };
}
