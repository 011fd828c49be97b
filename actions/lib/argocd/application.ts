import type { ObjectMeta } from "../kubernetes/objects.ts";

/** Where Argo CD and its Applications are. */
export const argocdNamespace = "argocd";
const folder = `/apis/argoproj.io/v1alpha1/namespaces/${argocdNamespace}`;
export const applicationsPath = `${folder}/applications`;
export const applicationSetsPath = `${folder}/applicationsets`;

/**
 * An Application as Argo CD's controller keeps it, as far as it is read:
 * https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml
 */
export interface Application {
  metadata: ObjectMeta;
  spec: {
    destination: { namespace?: string };
    syncPolicy?: { automated?: { enabled?: boolean } };
  };
  /** There while an operation is asked for or runs. */
  operation?: Operation;
  status?: {
    sync?: {
      status: "Synced" | "OutOfSync" | "Unknown";
      /** What was compared with the cluster; a branch's name instead of a commit when git could not be read. */
      revision?: string;
    };
    health?: { status: string; lastTransitionTime?: string };
    /** When the last comparison with git's newest commit began. */
    reconciledAt?: string;
    operationState?: OperationState;
    resources?: ResourceStatus[];
    conditions?: { type: string; message: string }[];
  };
}

interface Operation {
  sync?: { revision?: string };
  retry?: { refresh?: boolean };
}

/** The last operation, or the one that runs. */
export interface OperationState {
  phase: "Running" | "Terminating" | "Succeeded" | "Failed" | "Error";
  message?: string;
  startedAt: string;
  /** With phase `Running`: an attempt has failed, and another one will follow. */
  finishedAt?: string;
  retryCount?: number;
  /** With `retry.refresh`, attempts after the first forget its revision, which stays in what is stored. */
  operation: Operation;
  /**
   * Written when an attempt ends or waits. It is merged into what is stored, which shows the results of the attempt
   * before (or of the operation before, where that was begun by a patch) until there are some.
   */
  syncResult?: { revision?: string; resources?: ResourceResult[] };
}

interface ResourceResult {
  kind: string;
  namespace: string;
  name: string;
  message?: string;
  /** `SyncFailed` where the API server or the project refused it. */
  status?: string;
  /** Set for hooks alone. */
  hookType?: string;
  hookPhase?: string;
}

/** One object that an Application looks after, or a hook of it. */
export interface ResourceStatus {
  group?: string;
  kind: string;
  namespace?: string;
  name: string;
  hook?: boolean;
  requiresPruning?: boolean;
  /** There with the setting `controller.resource.health.persist`, for kinds whose health Argo CD can tell. */
  health?: { status: string; message?: string };
}

/** An Application's last operation. */
export interface SyncOperation {
  /** `retrying`: an attempt has failed, the next one waits for its time. */
  state: "running" | "retrying" | "succeeded" | "failed";
  /** The commit that it syncs to; absent while that is the branch's newest, whatever it is. */
  revision: string | undefined;
  startedAt: string | undefined;
  /** Whether it may have begun with another commit: what came since its start need not be of this one. */
  refreshed: boolean;
  finishedAt: string | undefined;
  message: string;
  /** The hook that failed in the last attempt. */
  failedHook: Refused | undefined;
  /** The objects that were refused in the last attempt. */
  refused: Refused[];
}

interface Refused {
  kind: string;
  namespace: string;
  name: string;
  message: string;
}

/** A commit's whole id. */
export const isCommit = (text: string | undefined): text is string =>
  text !== undefined && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text);

/**
 * The operation of an Application, without what is left in it of an earlier one.
 *
 * From Argo CD 3.2's controller (`processRequestedAppOperation`, `setOperationState` in controller/appcontroller.go).
 */
export function operationOf({ operation: asked, status }: Application): SyncOperation | undefined {
  const state = status?.operationState;
  const begun = state?.phase === "Running" || state?.phase === "Terminating";
  if (asked && !begun)
    return {
      state: "running",
      revision: isCommit(asked.sync?.revision) ? asked.sync.revision : undefined,
      startedAt: undefined,
      refreshed: false,
      finishedAt: undefined,
      message: "",
      failedHook: undefined,
      refused: [],
    };
  if (!state) return undefined;
  const retrying = state.phase === "Running" && state.finishedAt !== undefined;
  const over = !begun || retrying;
  // It counts attempts that are to come, from the moment on in which one has failed.
  const earlier = (state.retryCount ?? 0) - (retrying ? 1 : 0);
  const refreshed = earlier > 0 && state.operation.retry?.refresh === true;
  const result = state.syncResult;
  const named = refreshed || !isCommit(state.operation.sync?.revision) ? undefined : state.operation.sync.revision;
  const results = over ? (result?.resources ?? []) : [];
  const hook = results.find((each) => each.hookType && /^(Failed|Error)$/.test(each.hookPhase ?? ""));
  return {
    state: retrying ? "retrying" : begun ? "running" : state.phase === "Succeeded" ? "succeeded" : "failed",
    revision: named ?? (over && isCommit(result?.revision) ? result.revision : undefined),
    startedAt: state.startedAt,
    refreshed,
    finishedAt: state.finishedAt,
    message: state.message ?? "",
    failedHook: hook && refusedOf(hook),
    refused: results.filter(({ status }) => status === "SyncFailed").map(refusedOf),
  };
}

function refusedOf({ kind, namespace, name, message = "" }: ResourceResult): Refused {
  return { kind, namespace, name, message };
}

/** Whether Argo CD begins a sync by itself when git changes. */
export function syncsByItself({ spec }: Application): boolean {
  const automated = spec.syncPolicy?.automated;
  return automated !== undefined && automated.enabled !== false;
}

/** What Argo CD complains about, such as a repository that cannot be read. */
export function complaintsOf({ status }: Application): string[] {
  const conditions = status?.conditions ?? [];
  return conditions.filter(({ type }) => type.endsWith("Error")).map(({ type, message }) => `${type}: ${message}`);
}

/** An ApplicationSet, as far as it is read: https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/ */
export interface ApplicationSet {
  metadata: ObjectMeta;
  status?: { conditions?: { type: string; status: string; message: string }[] };
}

/** Why an ApplicationSet makes no Applications, such as a template that it cannot fill in. */
export function complaintsOfSet({ metadata, status }: ApplicationSet): string[] {
  const conditions = status?.conditions ?? [];
  const bad = conditions.filter(({ type, status: is }) => type === "ErrorOccurred" && is === "True");
  return bad.map(({ message }) => `ApplicationSet ${metadata.name}: ${message}`);
}
