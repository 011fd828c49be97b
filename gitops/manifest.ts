/** A Kubernetes object as a manifest has it, as far as the policies look into it. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Labels; annotations?: Record<string, string> };
  spec?: {
    type?: string;
    replicas?: number;
    template?: PodTemplate;
    /** A CronJob's. */
    jobTemplate?: { spec: { template: PodTemplate } };
    podSelector?: Selector;
    policyTypes?: string[];
    ingress?: { from?: Peer[]; ports?: Port[] }[];
    egress?: { to?: Peer[]; ports?: Port[] }[];
    /** A workload's and a PodDisruptionBudget's; a Service's is the labels themselves. */
    selector?: Selector | Labels;
    ports?: { port: number; targetPort?: number | string }[];
    strategy?: { type?: string; rollingUpdate?: { maxSurge?: number | string } };
    scaleTargetRef?: { kind: string; name: string };
    maxUnavailable?: number;
    minReplicas?: number;
    maxReplicas?: number;
    hard?: Record<string, string>;
    externalTrafficPolicy?: string;
  };
  data?: Record<string, string>;
  stringData?: object;
}

export type Labels = Record<string, string>;

/** A label selector. */
export interface Selector {
  matchLabels?: Labels;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

/** One end of what a NetworkPolicy allows. */
export interface Peer {
  podSelector?: Selector;
  namespaceSelector?: Selector;
  ipBlock?: object;
}

/** A port that a NetworkPolicy allows. */
export interface Port {
  port?: number | string;
  protocol?: string;
}

export interface SecurityContext {
  runAsNonRoot?: boolean;
  runAsUser?: number;
  seccompProfile?: { type: string };
  allowPrivilegeEscalation?: boolean;
  readOnlyRootFilesystem?: boolean;
  capabilities?: { drop?: string[] };
}

export interface Container {
  name: string;
  image: string;
  ports?: { name?: string; containerPort: number }[];
  env?: { name: string; value?: string }[];
  envFrom?: { configMapRef?: { name: string } }[];
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  securityContext?: SecurityContext;
  readinessProbe?: object;
  lifecycle?: { preStop?: { sleep?: { seconds: number } } };
}

export interface PodSpec {
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  terminationGracePeriodSeconds?: number;
  securityContext?: SecurityContext;
  initContainers?: Container[];
  containers: Container[];
  topologySpreadConstraints?: { topologyKey: string; whenUnsatisfiable: string }[];
  volumes?: { name: string; emptyDir?: { sizeLimit?: string } }[];
}

/** What the pods of a workload are like. */
export interface PodTemplate {
  metadata?: { labels?: Labels };
  spec: PodSpec;
}

/** An object that makes pods. */
export type Workload = Manifest & { spec: { template: PodTemplate } };

/** Those of the manifests that make pods; a CronJob as if its template were its own. */
export function workloadsOf(manifests: readonly Manifest[]): Workload[] {
  return manifests.flatMap((manifest): Workload[] => {
    const template = manifest.spec?.template ?? manifest.spec?.jobTemplate?.spec.template;
    return template ? [{ ...manifest, spec: { ...manifest.spec, template } }] : [];
  });
}

/** The labels of a workload's pods. */
export function labelsOf(workload: Workload): Labels {
  return workload.spec.template.metadata?.labels ?? {};
}

/** The autoscaler of a workload, if it has one. */
export function autoscalerOf(workload: Manifest, manifests: readonly Manifest[]): Manifest | undefined {
  return manifests.find(
    ({ kind, spec }) =>
      kind === "HorizontalPodAutoscaler" &&
      spec?.scaleTargetRef?.kind === workload.kind &&
      spec.scaleTargetRef.name === workload.metadata.name,
  );
}

/** The workloads whose pods a Service leads to. */
export function behind({ spec }: Manifest, manifests: readonly Manifest[]): Workload[] {
  const labels = spec?.selector as Labels | undefined;
  if (!labels) return [];
  return workloadsOf(manifests).filter((workload) => selects({ matchLabels: labels }, labelsOf(workload)));
}

/**
 * Whether a selector takes an object with these labels. One without conditions takes all.
 *
 * @throws Error for an operator other than In and Exists, so that none is misread
 */
export function selects(selector: Selector, labels: Labels): boolean {
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return (
    equal &&
    (selector.matchExpressions ?? []).every(({ key, operator, values }) => {
      const label = labels[key];
      if (operator === "Exists") return label !== undefined;
      if (operator === "In") return label !== undefined && (values ?? []).includes(label);
      throw new Error(`The selector's operator ${operator} is not understood here.`);
    })
  );
}
