import * as z from "zod";

const labels = z.record(z.string(), z.string());
/** A YAML number is a quantity, too: `cpu: 1`. */
const quantities = z.record(z.string(), z.union([z.string(), z.number()]).transform(String));
const intOrString = z.union([z.int(), z.string()]);

const selector = z.object({
  matchLabels: labels.optional(),
  matchExpressions: z
    .array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).optional() }))
    .optional(),
});

const peer = z.object({
  podSelector: selector.optional(),
  namespaceSelector: selector.optional(),
  ipBlock: z.object({}).optional(),
});

const policyPort = z.object({ port: intOrString.optional(), protocol: z.string().optional() });

const securityContext = z.object({
  runAsNonRoot: z.boolean().optional(),
  runAsUser: z.int().optional(),
  privileged: z.boolean().optional(),
  procMount: z.string().optional(),
  seccompProfile: z.object({ type: z.string() }).optional(),
  allowPrivilegeEscalation: z.boolean().optional(),
  readOnlyRootFilesystem: z.boolean().optional(),
  capabilities: z.object({ add: z.array(z.string()).optional(), drop: z.array(z.string()).optional() }).optional(),
});

const container = z.object({
  name: z.string(),
  image: z.string().default(""),
  ports: z
    .array(z.object({ name: z.string().optional(), containerPort: z.int(), hostPort: z.int().optional() }))
    .optional(),
  env: z.array(z.object({ name: z.string(), value: z.string().optional() })).optional(),
  envFrom: z.array(z.object({ configMapRef: z.object({ name: z.string() }).optional() })).optional(),
  resources: z.object({ requests: quantities.optional(), limits: quantities.optional() }).optional(),
  securityContext: securityContext.optional(),
  readinessProbe: z.object({}).optional(),
  lifecycle: z
    .object({ preStop: z.object({ sleep: z.object({ seconds: z.number() }).optional() }).optional() })
    .optional(),
});

const podSpec = z.object({
  serviceAccountName: z.string().optional(),
  automountServiceAccountToken: z.boolean().optional(),
  terminationGracePeriodSeconds: z.number().optional(),
  hostNetwork: z.boolean().optional(),
  hostPID: z.boolean().optional(),
  hostIPC: z.boolean().optional(),
  securityContext: securityContext.optional(),
  initContainers: z.array(container).optional(),
  containers: z.array(container),
  topologySpreadConstraints: z.array(z.object({ topologyKey: z.string(), whenUnsatisfiable: z.string() })).optional(),
  volumes: z
    .array(
      z.looseObject({
        name: z.string(),
        emptyDir: z.object({ sizeLimit: intOrString.optional() }).optional(),
        hostPath: z.object({}).optional(),
      }),
    )
    .optional(),
});

const podTemplate = z.object({ metadata: z.object({ labels: labels.optional() }).optional(), spec: podSpec });

const claimSpec = z.object({ storageClassName: z.string().optional() });

const spec = z.object({
  type: z.string().optional(),
  replicas: z.int().optional(),
  template: podTemplate.optional(),
  /** A CronJob's. */
  jobTemplate: z.object({ spec: z.object({ template: podTemplate }) }).optional(),
  podSelector: selector.optional(),
  policyTypes: z.array(z.string()).optional(),
  ingress: z.array(z.object({ from: z.array(peer).optional(), ports: z.array(policyPort).optional() })).optional(),
  egress: z.array(z.object({ to: z.array(peer).optional(), ports: z.array(policyPort).optional() })).optional(),
  /** A workload's and a PodDisruptionBudget's; a Service's is the labels themselves. */
  selector: z.union([labels, selector]).optional(),
  ports: z.array(z.object({ port: z.int(), targetPort: intOrString.optional() })).optional(),
  strategy: z
    .object({
      type: z.string().optional(),
      rollingUpdate: z.object({ maxSurge: intOrString.optional() }).optional(),
    })
    .optional(),
  scaleTargetRef: z.object({ kind: z.string(), name: z.string() }).optional(),
  maxUnavailable: intOrString.optional(),
  minReplicas: z.int().optional(),
  maxReplicas: z.int().optional(),
  hard: quantities.optional(),
  externalTrafficPolicy: z.string().optional(),
  externalIPs: z.array(z.string()).optional(),
  loadBalancerClass: z.string().optional(),
  ingressClassName: z.string().optional(),
  storageClassName: z.string().optional(),
  volumeClaimTemplates: z
    .array(z.object({ metadata: z.object({ name: z.string() }), spec: claimSpec.optional() }))
    .optional(),
});

const head = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({
    name: z.string(),
    namespace: z.string().optional(),
    labels: labels.optional(),
    annotations: labels.optional(),
  }),
});

const manifest = head.extend({
  spec: spec.optional(),
  data: labels.optional(),
  /** A Role's. */
  rules: z
    .array(
      z.object({
        apiGroups: z.array(z.string()).optional(),
        resources: z.array(z.string()).optional(),
        verbs: z.array(z.string()),
      }),
    )
    .optional(),
  /** A RoleBinding's. */
  roleRef: z.object({ kind: z.string(), name: z.string() }).optional(),
  subjects: z.array(z.object({ kind: z.string(), name: z.string(), namespace: z.string().optional() })).optional(),
});

/** A bare Pod's `spec` is what the others have in their templates. */
const pod = head.extend({ spec: podSpec }).transform(({ spec, ...rest }): Manifest => ({
  ...rest,
  spec: { template: { metadata: { labels: rest.metadata.labels }, spec } },
}));

/** A Kubernetes object as a manifest has it, as far as the rules look into it. */
export type Manifest = z.infer<typeof manifest>;
export type Labels = z.infer<typeof labels>;
/** A label selector. */
export type Selector = z.infer<typeof selector>;
/** One end of what a NetworkPolicy allows. */
export type Peer = z.infer<typeof peer>;
/** A port that a NetworkPolicy allows. */
export type Port = z.infer<typeof policyPort>;
export type ManifestContainer = z.infer<typeof container>;
export type PodSpec = z.infer<typeof podSpec>;
/** What the pods of a workload are like. */
export type ManifestPodTemplate = z.infer<typeof podTemplate>;
/** An object that makes pods. */
export type ManifestWorkload = Manifest & { spec: { template: ManifestPodTemplate } };

/** The kinds that the rules look into; of others they see no more than the name. */
const podKinds = [
  "CronJob",
  "DaemonSet",
  "Deployment",
  "Job",
  "Pod",
  "ReplicaSet",
  "ReplicationController",
  "StatefulSet",
];
const known = new Set([
  ...podKinds,
  "ConfigMap",
  "HorizontalPodAutoscaler",
  "Ingress",
  "NetworkPolicy",
  "PersistentVolumeClaim",
  "PodDisruptionBudget",
  "ResourceQuota",
  "Role",
  "RoleBinding",
  "Service",
]);

/**
 * One object of a rendered overlay, or what is wrong with its shape.
 *
 * @param value what YAML made of it
 */
export function readManifest(value: unknown): { manifest: Manifest } | { object: string; problems: string[] } {
  const plain = withoutNulls(value);
  const named = head.safeParse(plain);
  const name = named.success ? `${named.data.kind}/${named.data.metadata.name}` : "an object";
  if (named.success && !known.has(named.data.kind)) return { manifest: named.data };
  const result = named.success && named.data.kind === "Pod" ? pod.safeParse(plain) : manifest.safeParse(plain);
  if (result.success) return { manifest: result.data };
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.map(String).join(".") || "(object)"}: ${message}`,
  );
  return { object: name, problems };
}

/** To Kubernetes a field without a value is a field that is not there. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([, each]) => each !== null && each !== undefined);
  return Object.fromEntries(fields.map(([name, each]) => [name, withoutNulls(each)]));
}

/** Those of the manifests that make pods; a CronJob as if its template were its own. */
export function workloadsOf(manifests: readonly Manifest[]): ManifestWorkload[] {
  return manifests.flatMap((manifest): ManifestWorkload[] => {
    const template = manifest.spec?.template ?? manifest.spec?.jobTemplate?.spec.template;
    return template ? [{ ...manifest, spec: { ...manifest.spec, template } }] : [];
  });
}

/** The labels of a workload's pods. */
export function labelsOf(workload: ManifestWorkload): Labels {
  return workload.spec.template.metadata?.labels ?? {};
}

/** All containers of a pod, those that prepare it first. */
export function containersOf({ initContainers = [], containers }: PodSpec): ManifestContainer[] {
  return [...initContainers, ...containers];
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
export function behind({ spec }: Manifest, manifests: readonly Manifest[]): ManifestWorkload[] {
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
