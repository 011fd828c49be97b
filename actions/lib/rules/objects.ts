import { behind, type Manifest, type ManifestWorkload } from "./manifest.ts";
import { type KindPattern, objectRule, type Platform, type Rule, when } from "./rule.ts";

/** What the objects owe, each by itself. */
export const objectRules: readonly Rule[] = [
  objectRule("secret-in-git", "No Secret is in git.", ({ kind }) => when(kind === "Secret", "a Secret in git")),
  objectRule("kind", "Only kinds that the AppProject `apps` lets through.", (manifest, { platform }) =>
    when(
      !isNamespaced(manifest, platform) && !isClusterWide(manifest, platform),
      `the AppProject "apps" allows no ${manifest.kind} of ${manifest.apiVersion}`,
    ),
  ),
  objectRule(
    "own-namespace",
    "Each object is in the namespace that has the app's name.",
    (manifest, { app, platform }) => {
      const { kind, metadata } = manifest;
      if (kind === "Namespace") return when(metadata.name !== app, `the app's own namespace is called ${app}`);
      if (metadata.namespace)
        return when(metadata.namespace !== app, `is in the namespace ${metadata.namespace}, not in ${app}`);
      return when(!clusterWide.test(kind) && !isClusterWide(manifest, platform), "no namespace");
    },
  ),
  objectRule("sync-wave", "Each object says in which wave it is applied.", ({ metadata }) =>
    when(!metadata.annotations?.["argocd.argoproj.io/sync-wave"], "no sync wave"),
  ),
  objectRule(
    "namespace-kept",
    "The Namespace outlives its Application: `Delete=false` among its sync options.",
    ({ kind, metadata }) => {
      const options = metadata.annotations?.["argocd.argoproj.io/sync-options"]?.split(",") ?? [];
      return when(
        kind === "Namespace" && !options.includes("Delete=false"),
        "its volumes and passwords would go with its Application",
      );
    },
  ),
  objectRule(
    "job-hook",
    "Each Job is a hook that is made again: its template cannot be changed, and each release changes it.",
    ({ kind, metadata }) => {
      const policy = metadata.annotations?.["argocd.argoproj.io/hook-delete-policy"];
      return when(
        kind === "Job" && !policy?.includes("BeforeHookCreation"),
        "is not a hook that is made again at each sync",
      );
    },
  ),
  objectRule(
    "load-balancer",
    "A Service of type LoadBalancer asks for an NLB. Without the annotation EKS makes a classic load balancer.",
    ({ kind, metadata, spec }) => {
      if (kind !== "Service" || spec?.type !== "LoadBalancer") return [];
      const asked = metadata.annotations?.[balancerType];
      return [
        ...when(asked !== "nlb", `no annotation ${balancerType}: nlb, so EKS makes no network load balancer`),
        ...when(
          spec.loadBalancerClass !== undefined,
          `nothing in the cluster makes load balancers of the class ${spec.loadBalancerClass}`,
        ),
      ];
    },
  ),
  objectRule(
    "local-traffic",
    "Behind a Service with `externalTrafficPolicy: Local`, pods are spread strictly and end late enough.",
    (manifest, { manifests }) =>
      manifest.kind === "Service" && manifest.spec?.externalTrafficPolicy === "Local"
        ? behind(manifest, manifests).flatMap(localTrafficFaults)
        : [],
  ),
  objectRule(
    "service-outside",
    "No Service leads out of the cluster or takes addresses of its own (ExternalName, `externalIPs`).",
    ({ kind, spec }) => {
      if (kind !== "Service") return [];
      return [
        ...when(spec?.type === "ExternalName", "leads to a name outside of the cluster (ExternalName)"),
        ...when((spec?.externalIPs ?? []).length > 0, "takes addresses that are not its own (externalIPs)"),
      ];
    },
  ),
  objectRule("node-port", "No Service of type NodePort: it opens a port of every node.", ({ kind, spec }) =>
    when(kind === "Service" && spec?.type === "NodePort", "opens a port of every node (NodePort)"),
  ),
  objectRule("ingress-class", "An Ingress names the class of its controller.", ({ kind, spec }) =>
    when(kind === "Ingress" && !spec?.ingressClassName, "no ingressClassName, so no controller serves it"),
  ),
  objectRule(
    "claim-class",
    "A claim for a volume has a StorageClass of the platform: by name, or the default one.",
    ({ kind, spec }, { platform }) => {
      const claims =
        kind === "PersistentVolumeClaim" ? [{ metadata: { name: "" }, spec }] : (spec?.volumeClaimTemplates ?? []);
      return claims.flatMap(({ metadata, spec: claim }) =>
        claimFaults(claim?.storageClassName, platform).map((text) =>
          metadata.name ? `claim ${metadata.name}: ${text}` : text,
        ),
      );
    },
  ),
  objectRule(
    "narrow-rights",
    "A Role names what it allows, without `*` and nothing that leads to more rights; a RoleBinding gives a Role to ServiceAccounts of the app.",
    (manifest, { app }) =>
      manifest.kind === "Role"
        ? roleFaults(manifest)
        : manifest.kind === "RoleBinding"
          ? bindingFaults(manifest, app)
          : [],
  ),
];

/** https://github.com/kubernetes/cloud-provider-aws/blob/master/docs/service_controller.md */
const balancerType = "service.beta.kubernetes.io/aws-load-balancer-type";

/** Kinds that are in no namespace wherever they come from; a project's list of kinds in namespaces never means them. */
const clusterWide =
  /^(Cluster[A-Z]|CustomResource|Namespace$|Node$|PersistentVolume$|PriorityClass$|RuntimeClass$|StorageClass$|IngressClass$|CSI(Driver|Node)$|APIService$|(Mutating|Validating)(Webhook|Admission))/;

function isNamespaced(manifest: Manifest, { kinds }: Platform): boolean {
  return !clusterWide.test(manifest.kind) && kinds.some((pattern) => matches(pattern, manifest));
}

function isClusterWide(manifest: Manifest, { clusterKinds }: Platform): boolean {
  return clusterKinds.some((pattern) => matches(pattern, manifest));
}

function matches({ group, kind }: KindPattern, manifest: Manifest): boolean {
  const own = manifest.apiVersion.includes("/") ? (manifest.apiVersion.split("/")[0] ?? "") : "";
  return (group === "*" || group === own) && (kind === "*" || kind === manifest.kind);
}

/** A load balancer takes up to 20 s (two failures, 10 s apart) to notice that a node has lost its last pod. */
function localTrafficFaults({ metadata, spec }: ManifestWorkload): string[] {
  const { containers, topologySpreadConstraints, terminationGracePeriodSeconds = 30 } = spec.template.spec;
  const pause = Math.max(...containers.map(({ lifecycle }) => lifecycle?.preStop?.sleep?.seconds ?? 0));
  const nodes = topologySpreadConstraints?.find(({ topologyKey }) => topologyKey === "kubernetes.io/hostname");
  return [
    ...when(pause < 30, `${metadata.name} ends before the load balancer has noticed`),
    ...when(pause >= terminationGracePeriodSeconds, `${metadata.name} is killed while it waits for its end`),
    ...when(nodes?.whenUnsatisfiable !== "DoNotSchedule", `${metadata.name} may leave a node without a pod`),
  ];
}

function claimFaults(name: string | undefined, { classes }: Platform): string[] {
  if (name === undefined)
    return when(
      !classes.some(({ isDefault }) => isDefault),
      "no storageClassName, and the platform has no default class",
    );
  return when(
    !classes.some((each) => each.name === name),
    `the platform has no StorageClass ${JSON.stringify(name)}, only ${classes.map((each) => each.name).join(", ") || "none"}`,
  );
}

/** https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks */
const escalating = new Set(["bind", "escalate", "impersonate"]);
const reaching = new Set([
  "pods/exec",
  "pods/attach",
  "pods/portforward",
  "pods/ephemeralcontainers",
  "serviceaccounts/token",
]);

function roleFaults({ rules = [] }: Manifest): string[] {
  return rules.flatMap(({ apiGroups = [], resources = [], verbs }) => [
    ...when([...apiGroups, ...resources, ...verbs].includes("*"), "allows everything (*) somewhere"),
    ...verbs.filter((verb) => escalating.has(verb)).map((verb) => `allows ${verb}, which leads to any right`),
    ...resources.filter((each) => reaching.has(each)).map((each) => `allows ${each}, which leads into other pods`),
    ...when(
      resources.includes("secrets") && verbs.some((verb) => verb !== "create"),
      "allows more with secrets than to create them",
    ),
  ]);
}

function bindingFaults({ roleRef, subjects = [] }: Manifest, app: string): string[] {
  return [
    ...when(
      roleRef?.kind !== "Role",
      `gives the ${roleRef?.kind ?? "unnamed role"} ${roleRef?.name ?? ""}, no Role of the app`,
    ),
    ...subjects
      .filter(({ kind, namespace }) => kind !== "ServiceAccount" || namespace !== app)
      .map(
        ({ kind, name, namespace }) =>
          `gives rights to ${kind} ${namespace ? `${namespace}/` : ""}${name}, not to a ServiceAccount of ${app}`,
      ),
  ];
}
