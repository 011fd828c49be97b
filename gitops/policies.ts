/** A Kubernetes object as a manifest has it, as far as the policies look into it. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: {
    replicas?: number;
    template?: { metadata?: { labels?: Record<string, string> }; spec: PodSpec };
    podSelector?: object;
    policyTypes?: string[];
    selector?: { matchLabels?: Record<string, string> };
    scaleTargetRef?: { kind: string; name: string };
    maxUnavailable?: number;
    minReplicas?: number;
  };
  data?: object;
  stringData?: object;
}

interface SecurityContext {
  runAsNonRoot?: boolean;
  runAsUser?: number;
  seccompProfile?: { type: string };
  allowPrivilegeEscalation?: boolean;
  readOnlyRootFilesystem?: boolean;
  capabilities?: { drop?: string[] };
}

interface Container {
  name: string;
  image: string;
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  securityContext?: SecurityContext;
  readinessProbe?: object;
}

interface PodSpec {
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  securityContext?: SecurityContext;
  initContainers?: Container[];
  containers: Container[];
  topologySpreadConstraints?: object[];
}

/** One object and the name under which a fault in it is reported. */
const nameOf = (manifest: Manifest) => `${manifest.kind}/${manifest.metadata.name}`;

/**
 * What the manifests of one app in one environment owe beside the schemas.
 *
 * @param manifests everything that the overlay renders to
 * @param options `released`: the images are a release's, so each must be named by digest
 * @returns one line for each fault
 */
export function findFaults(manifests: Manifest[], { released }: { released: boolean }): string[] {
  const faults: string[] = [];
  const fault = (manifest: Manifest, text: string) => faults.push(`${nameOf(manifest)}: ${text}`);
  for (const manifest of manifests) {
    if (manifest.kind === "Secret") fault(manifest, "a Secret in git");
    if (manifest.kind !== "Namespace" && !isClusterWide(manifest) && !manifest.metadata.namespace)
      fault(manifest, "no namespace");
    if (!manifest.metadata.annotations?.["argocd.argoproj.io/sync-wave"]) fault(manifest, "no sync wave");
    const pod = manifest.spec?.template?.spec;
    if (pod) for (const text of podFaults(pod, released)) fault(manifest, text);
    for (const text of workloadFaults(manifest, manifests)) fault(manifest, text);
  }
  const policies = manifests.filter((manifest) => manifest.kind === "NetworkPolicy");
  if (!policies.some(deniesAll)) faults.push("no NetworkPolicy denies everything that is not named");
  const namespaces = manifests.filter((manifest) => manifest.kind === "Namespace");
  for (const namespace of namespaces)
    if (namespace.metadata.labels?.["pod-security.kubernetes.io/enforce"] !== "restricted")
      fault(namespace, "does not enforce the restricted profile");
  return faults;
}

function isClusterWide(manifest: Manifest): boolean {
  return /^(Cluster|CustomResource|PriorityClass|StorageClass)/.test(manifest.kind);
}

function deniesAll({ spec }: Manifest): boolean {
  return (
    Object.keys(spec?.podSelector ?? { any: 1 }).length === 0 &&
    spec?.policyTypes?.length === 2 &&
    !("ingress" in spec) &&
    !("egress" in spec)
  );
}

function podFaults(pod: PodSpec, released: boolean): string[] {
  const faults: string[] = [];
  if (!pod.serviceAccountName) faults.push("runs as the default ServiceAccount");
  if (pod.automountServiceAccountToken === undefined) faults.push("does not say whether it gets a token");
  if (pod.securityContext?.runAsNonRoot !== true) faults.push("may run as root");
  if (!pod.securityContext?.runAsUser) faults.push("names no user by number");
  if (pod.securityContext?.seccompProfile?.type !== "RuntimeDefault") faults.push("no seccomp profile");
  for (const container of [...(pod.initContainers ?? []), ...pod.containers])
    for (const text of containerFaults(container, released)) faults.push(`container ${container.name}: ${text}`);
  return faults;
}

function containerFaults({ image, resources, securityContext: context }: Container, released: boolean): string[] {
  const faults: string[] = [];
  if (/:latest$/.test(image)) faults.push("the tag latest");
  if (released && !/@sha256:[0-9a-f]{64}$/.test(image)) faults.push(`image ${image} is not named by digest`);
  // Before its first release an image has its component's bare name, which no registry serves.
  if (!released && !/^[a-z0-9-]+$|@sha256:/.test(image))
    faults.push(`image ${image} is neither released nor a component`);
  if (!resources?.requests?.cpu || !resources.requests.memory) faults.push("no requests");
  if (!resources?.limits?.memory) faults.push("no memory limit");
  if (context?.allowPrivilegeEscalation !== false) faults.push("may gain rights");
  if (context?.readOnlyRootFilesystem !== true) faults.push("a writable root");
  if (!context?.capabilities?.drop?.includes("ALL")) faults.push("keeps capabilities");
  return faults;
}

/** What holds for a workload together with the others: disruption, spreading, scaling, NetworkPolicies. */
function workloadFaults(manifest: Manifest, all: Manifest[]): string[] {
  const template = manifest.spec?.template;
  if (!template) return [];
  const faults: string[] = [];
  const labels = template.metadata?.labels ?? {};
  const selects = (selector: Record<string, string> | undefined) =>
    selector && Object.entries(selector).every(([key, value]) => labels[key] === value);
  const scaler = all.find(
    ({ kind, spec }) => kind === "HorizontalPodAutoscaler" && spec?.scaleTargetRef?.name === manifest.metadata.name,
  );
  const replicas = scaler?.spec?.minReplicas ?? manifest.spec?.replicas ?? 1;
  const budget = all.find(({ kind, spec }) => kind === "PodDisruptionBudget" && selects(spec?.selector?.matchLabels));
  if (scaler && manifest.spec?.replicas !== undefined) faults.push("has replicas and an autoscaler");
  if (manifest.kind === "Job") return faults;
  if (!template.spec.containers.every((container) => container.readinessProbe)) faults.push("no readiness probe");
  if (replicas > 1 && budget?.spec?.maxUnavailable !== 1) faults.push("no PodDisruptionBudget with maxUnavailable 1");
  if (replicas === 1 && budget) faults.push("a PodDisruptionBudget that would block the drain of its node");
  if (replicas > 1 && !template.spec.topologySpreadConstraints) faults.push("is not spread over nodes");
  return faults;
}
