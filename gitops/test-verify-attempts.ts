import { applicationSetsPath, applicationsPath } from "../actions/lib/argocd/application.ts";
import type { Kubernetes } from "../actions/lib/kubernetes/kubernetes.ts";

/** The group that may look at releases and ask for a refresh. */
export const group = "slipway:verify";
export const rbac = "rbac.authorization.k8s.io";
/** The annotation that asks Argo CD to look again. */
export const refresh = "argocd.argoproj.io/refresh";
export const application = `${applicationsPath}/slipway`;
export const set = `${applicationSetsPath}/apps`;

/** The root Application as Argo CD keeps it, with a finalizer, a label and a finished operation that may be changed. */
export const rootApplication = {
  apiVersion: "argoproj.io/v1alpha1",
  kind: "Application",
  metadata: {
    name: "slipway",
    namespace: "argocd",
    labels: { kept: "yes" },
    annotations: { kept: "yes" },
    finalizers: ["example.org/kept"],
  },
  spec: {
    project: "slipway",
    source: { repoURL: "https://github.com/demo/platform.git", targetRevision: "main", path: "gitops/bootstrap/dev" },
    destination: { server: "https://kubernetes.default.svc", namespace: "argocd" },
    syncPolicy: { automated: { prune: true, selfHeal: true } },
  },
  operation: { sync: { revision: "main" } },
  status: { sync: { status: "Synced", revision: "0".repeat(40) } },
};

/** The attacker's manifests: a right over everything. */
export const manifests = [
  JSON.stringify({
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name: "attacker" },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ apiGroup: rbac, kind: "Group", name: group }],
  }),
];
const evil = "https://github.com/attacker/platform.git";
export const asked = { annotations: { [refresh]: "hard" } };

/** Patches of the root Application that would give its author more, each along with an allowed question. */
export const patches: Record<string, object> = {
  "a sync of manifests that are in no commit": { operation: { sync: { manifests } } },
  "a sync of another commit": { operation: { sync: { revision: "refs/pull/7/head" } } },
  "the end of an operation": { operation: null },
  "the branch": { spec: { source: { targetRevision: "refs/pull/7/head" } } },
  "the repository": { spec: { source: { repoURL: evil } } },
  "the folder": { spec: { source: { path: "gitops/apps" } } },
  "several sources": { spec: { sources: [{ repoURL: evil, path: "." }] } },
  "a patch of kustomize": { spec: { source: { kustomize: { patches: [{ patch: "[]" }] } } } },
  "the project": { spec: { project: "default" } },
  "the destination": { spec: { destination: { namespace: "kube-system" } } },
  "the sync policy": { spec: { syncPolicy: { automated: null } } },
  "what is not compared": { spec: { ignoreDifferences: [{ kind: "Role", jsonPointers: ["/rules"] }] } },
  "the status": { status: { sync: { status: "OutOfSync" } } },
  "the state of an operation": {
    status: { operationState: { phase: "Terminating", startedAt: "2026-01-01T00:00:00Z", operation: {} } },
  },
  "a finalizer that deletes all that runs": { metadata: { finalizers: ["resources-finalizer.argocd.argoproj.io"] } },
  "no finalizer": { metadata: { finalizers: null } },
  "an owner, with whom it would go": {
    metadata: { ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "gone", uid: "gone" }] },
  },
  "a label": { metadata: { labels: { "app.kubernetes.io/instance": "other" } } },
  "no label": { metadata: { labels: null } },
  "no annotation": { metadata: { annotations: null } },
  "an annotation that says which files count": {
    metadata: { annotations: { "argocd.argoproj.io/manifest-generate-paths": "/nothing" } },
  },
  "an annotation that lets nothing be compared": {
    metadata: { annotations: { "argocd.argoproj.io/skip-reconcile": "true" } },
  },
  "an annotation of somebody": { metadata: { annotations: { kept: "no" } } },
  "an annotation of ApplicationSets": {
    metadata: { annotations: { "argocd.argoproj.io/application-set-refresh": "true" } },
  },
  "a question with another value": { metadata: { annotations: { [refresh]: "other" } } },
  "whose field it is": { metadata: { managedFields: [{}] } },
};

/** Everything else that somebody with all rights might try to get further. */
export const requests: [string, (verify: Kubernetes) => Promise<unknown>][] = [
  [
    "a JSON patch",
    (verify) => verify.patch(application, [{ op: "replace", path: "/spec/source/targetRevision", value: "x" }], "json"),
  ],
  [
    "a JSON patch that takes the question away with the spec",
    (verify) => verify.patch(application, [{ op: "remove", path: "/spec/syncPolicy" }], "json"),
  ],
  [
    "an update",
    async (verify) =>
      verify.replace(application, { ...(await verify.get(application)), operation: { sync: { manifests } } }),
  ],
  [
    "a server-side apply by force, in Argo CD's name",
    (verify) =>
      verify.patch(
        `${application}?fieldManager=argocd-controller&force=true`,
        { ...rootApplication, metadata: { ...rootApplication.metadata, ...asked } },
        "apply",
      ),
  ],
  [
    "a server-side apply of a part, in Argo CD's name",
    (verify) =>
      verify.patch(
        `${application}?fieldManager=argocd-controller&force=true`,
        {
          ...rootApplication,
          metadata: { name: "slipway", ...asked },
          spec: { project: "slipway", destination: { server: "https://kubernetes.default.svc" } },
          operation: undefined,
        },
        "apply",
      ),
  ],
  ["the subresource status", (verify) => verify.patch(`${set}/status`, { status: { conditions: [] } })],
  ["a delete", (verify) => verify.delete(application)],
  ["a delete that leaves what it made", (verify) => verify.delete(application, { propagationPolicy: "Orphan" })],
  ["a deletecollection", (verify) => verify.delete(applicationsPath)],
  ["a new Application", (verify) => verify.create(applicationsPath, { ...rootApplication, metadata: { name: "new" } })],
  [
    "a new Application by server-side apply",
    (verify) => verify.patch(`${applicationsPath}/new`, { ...rootApplication, metadata: { name: "new" } }, "apply"),
  ],
  [
    "a new Application in another namespace",
    (verify) =>
      verify.create("/apis/argoproj.io/v1alpha1/namespaces/default/applications", {
        ...rootApplication,
        metadata: { name: "new" },
      }),
  ],
  [
    "an ApplicationSet's template",
    (verify) => verify.patch(set, { spec: { template: { spec: { project: "slipway" } } } }),
  ],
  [
    "an ApplicationSet's generators, along with its question",
    (verify) =>
      verify.patch(set, {
        metadata: { annotations: { "argocd.argoproj.io/application-set-refresh": "true" } },
        spec: { generators: [{ list: {} }] },
      }),
  ],
  [
    "a question to an ApplicationSet with another value",
    (verify) => verify.patch(set, { metadata: { annotations: { "argocd.argoproj.io/application-set-refresh": "x" } } }),
  ],
  [
    "a new ApplicationSet",
    (verify) =>
      verify.create(applicationSetsPath, {
        apiVersion: "argoproj.io/v1alpha1",
        kind: "ApplicationSet",
        metadata: { name: "new" },
        spec: { generators: [], template: { metadata: {}, spec: { project: "apps", destination: {} } } },
      }),
  ],
  [
    "a new AppProject",
    (verify) =>
      verify.create("/apis/argoproj.io/v1alpha1/namespaces/argocd/appprojects", {
        apiVersion: "argoproj.io/v1alpha1",
        kind: "AppProject",
        metadata: { name: "new" },
        spec: {},
      }),
  ],
  [
    "a binding of roles",
    (verify) => verify.create(`/apis/${rbac}/v1/clusterrolebindings`, JSON.parse(manifests[0] ?? "") as object),
  ],
  [
    "a pod",
    (verify) =>
      verify.create("/api/v1/namespaces/default/pods", {
        metadata: { name: "new" },
        spec: { containers: [{ name: "a", image: "a" }] },
      }),
  ],
  [
    "a token of a ServiceAccount",
    (verify) => verify.create("/api/v1/namespaces/default/serviceaccounts/somebody/token", {}),
  ],
  [
    "the definition of Applications",
    (verify) =>
      verify.patch("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/applications.argoproj.io", {
        metadata: { labels: { new: "yes" } },
      }),
  ],
];
