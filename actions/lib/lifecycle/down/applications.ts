import {
  type Application,
  applicationsPath,
  argocdNamespace,
  complaintsOf,
  operationOf,
} from "../../argocd/application.ts";
import { refreshAnnotation } from "../../argocd/refresh.ts";
import type { Workload } from "../../argocd/objects.ts";
import type { Kubernetes } from "../../kubernetes/kubernetes.ts";
import type { Remaining } from "./down.ts";
import { remainingObject, listKnown, patchIfThere, remove } from "./objects.ts";

/**
 * With it, deleting an Application deletes what it runs, and the Application is gone only after all of that:
 * https://argo-cd.readthedocs.io/en/stable/user-guide/app_deletion/
 */
const cascade = "resources-finalizer.argocd.argoproj.io";
const isCascade = (finalizer: string) => finalizer.includes(cascade);

/** All Applications; none where Argo CD was never installed. */
export const listApplications = (kubernetes: Kubernetes) => listKnown<Application>(kubernetes, applicationsPath);

/** Whether an Application makes others: the root, and whatever a team nests. */
export function makesApplications({ status }: Application): boolean {
  return (status?.resources ?? []).some(({ kind }) => kind === "Application" || kind === "ApplicationSet");
}

/** Whether a sync is under way, or asked for. */
export function isSyncing(application: Application): boolean {
  const state = operationOf(application)?.state;
  return state === "running" || state === "retrying";
}

/**
 * Argo CD 3.6 begins again after a restart of its controller with what changes, not with what is being deleted or ended
 * already; without a change, it comes to these after its next resync, two minutes later (`newApplicationInformerAndLister`
 * in https://github.com/argoproj/argo-cd/blob/v3.6.1/controller/appcontroller.go).
 */
const askAgain = { metadata: { annotations: refreshAnnotation } } as const;

/** Ends a sync as `argocd app terminate-op` does, and keeps Argo CD from beginning another. */
export async function stopSyncs(kubernetes: Kubernetes, application: Application): Promise<void> {
  const begun = application.status?.operationState?.phase === "Running";
  const automated = application.spec.syncPolicy?.automated !== undefined;
  if (!begun && !automated && !isSyncing(application)) return;
  await patchIfThere(kubernetes, `${applicationsPath}/${application.metadata.name}`, {
    ...askAgain,
    ...(automated && { spec: { syncPolicy: { automated: null } } }),
    // One that has not begun is taken back; one that has, its controller must end.
    ...(begun ? { status: { operationState: { phase: "Terminating" } } } : { operation: null }),
  });
}

/** Deletes an Application and leaves what it runs. */
export async function removeAlone(kubernetes: Kubernetes, application: Application): Promise<void> {
  const { name, finalizers = [] } = application.metadata;
  if (finalizers.some(isCascade))
    await patchIfThere(kubernetes, `${applicationsPath}/${name}`, {
      metadata: { finalizers: finalizers.filter((each) => !isCascade(each)) },
    });
  await remove(kubernetes, applicationsPath, application);
}

/** Deletes an Application and, before it, what it runs. Called again, it asks Argo CD to go on with that. */
export async function removeCascading(kubernetes: Kubernetes, application: Application): Promise<void> {
  const { name, finalizers = [], deletionTimestamp } = application.metadata;
  // Nothing may be added to what is being deleted.
  if (deletionTimestamp === undefined && !finalizers.some(isCascade))
    await patchIfThere(kubernetes, `${applicationsPath}/${name}`, {
      metadata: { finalizers: [...finalizers, cascade] },
    });
  if (deletionTimestamp === undefined) await remove(kubernetes, applicationsPath, application);
  else await patchIfThere(kubernetes, `${applicationsPath}/${name}`, askAgain);
}

/** Who deletes what Applications run. */
const controller = "argocd-application-controller";

/** An Application that is left: what Argo CD says of it, or that nobody is there to say it. */
export async function remainingApplication(kubernetes: Kubernetes, application: Application): Promise<Remaining> {
  const workload = await kubernetes.get<Workload>(
    `/apis/apps/v1/namespaces/${argocdNamespace}/statefulsets/${controller}`,
  );
  const ready = workload?.status?.readyReplicas ?? 0;
  const [complaint] = complaintsOf(application);
  if (ready > 0) return remainingObject("Application", application, complaint ? { why: complaint } : {});
  return remainingObject("Application", application, {
    why: `waits for ${controller}, of which no pod is ready`,
    next: `Bring it back (kubectl -n ${argocdNamespace} get pods), or delete the namespace ${application.spec.destination.namespace ?? "of the app"} and then the Application's finalizer by hand.`,
  });
}
