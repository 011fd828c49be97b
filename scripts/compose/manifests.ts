import { parseAllDocuments } from "yaml";

/** A Kubernetes object as a manifest has it, as far as Compose has something for it. */
export interface ComposeManifest {
  kind: string;
  metadata: { name: string; namespace?: string; annotations?: Record<string, string> };
  data?: Record<string, string>;
  spec?: {
    replicas?: number;
    minReplicas?: number;
    scaleTargetRef?: { name: string };
    serviceName?: string;
    backoffLimit?: number;
    template?: { metadata?: { labels?: Record<string, string> }; spec: ComposePodSpec };
    volumeClaimTemplates?: { metadata: { name: string } }[];
    /** A workload's is an object of its own, a Service's the labels themselves. */
    selector?: Record<string, unknown>;
    type?: string;
    ports?: ServicePort[];
  };
}

/** A port of a Service; a named `targetPort` is a port of the container. */
export interface ServicePort {
  name?: string;
  port: number;
  targetPort?: number | string;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/, as far as Compose has something for it. */
export interface ComposePodSpec {
  automountServiceAccountToken?: boolean;
  terminationGracePeriodSeconds?: number;
  securityContext?: SecurityContext;
  initContainers?: ComposeContainer[];
  containers: ComposeContainer[];
  volumes?: PodVolume[];
}

/** The rights of a pod or a container; the container's win. */
export interface SecurityContext {
  runAsUser?: number;
  runAsGroup?: number;
  fsGroup?: number;
  readOnlyRootFilesystem?: boolean;
  allowPrivilegeEscalation?: boolean;
  capabilities?: { add?: string[]; drop?: string[] };
}

/** One container of a pod. */
export interface ComposeContainer {
  name: string;
  image: string;
  command?: string[];
  args?: string[];
  workingDir?: string;
  ports?: { name?: string; containerPort: number }[];
  envFrom?: { prefix?: string; configMapRef?: { name: string }; secretRef?: { name: string } }[];
  env?: EnvironmentVariable[];
  readinessProbe?: Probe;
  startupProbe?: Probe;
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  securityContext?: SecurityContext;
  volumeMounts?: VolumeMount[];
}

/** A variable with a value, or with the place that has it. */
export interface EnvironmentVariable {
  name: string;
  value?: string;
  valueFrom?: { secretKeyRef?: KeyReference; configMapKeyRef?: KeyReference; fieldRef?: { fieldPath: string } };
}

/** One key of a Secret or a ConfigMap. */
export interface KeyReference {
  name: string;
  key: string;
}

/** Where a volume is in a container. */
export interface VolumeMount {
  name: string;
  mountPath: string;
  subPath?: string;
  readOnly?: boolean;
}

/** A check of a container; times in seconds. */
export interface Probe {
  exec?: { command: string[] };
  httpGet?: { path?: string; port: number | string };
  tcpSocket?: { port: number | string };
  initialDelaySeconds?: number;
  periodSeconds?: number;
  timeoutSeconds?: number;
  failureThreshold?: number;
}

/** A volume of a pod; one of the kinds is set. */
export interface PodVolume {
  name: string;
  emptyDir?: { sizeLimit?: string };
  secret?: { secretName: string; items?: { key: string; path: string }[] };
  configMap?: { name: string; items?: { key: string; path: string }[] };
  persistentVolumeClaim?: { claimName: string };
}

/** A manifest that runs containers. */
export type ComposeWorkload = ComposeManifest & { spec: { template: { spec: ComposePodSpec } } };

/** The objects of a rendered overlay. */
export function readManifests(text: string): ComposeManifest[] {
  return parseAllDocuments(text).map((document) => document.toJS() as ComposeManifest);
}

/** The objects that run containers and that Compose can run too. */
export function workloadsOf(manifests: readonly ComposeManifest[]): ComposeWorkload[] {
  return manifests.filter(
    (each): each is ComposeWorkload => ["Deployment", "StatefulSet", "Job"].includes(each.kind) && !needsCluster(each),
  );
}

/**
 * Whether a workload talks to the cluster's API, which Compose does not have: the one use of that is a Job that makes
 * the app's passwords.
 */
export function needsCluster({ spec }: ComposeManifest): boolean {
  return spec?.template?.spec.automountServiceAccountToken === true;
}

/** The name of an image without registry, project, tag and digest: `notes-api`. */
export function imageName(reference: string): string {
  return (reference.split("/").at(-1) ?? "").replace(/[@:].*$/, "");
}

/** The Services that lead to a workload's pods. */
export function servicesOf(workload: ComposeWorkload, manifests: readonly ComposeManifest[]): ComposeManifest[] {
  const labels = workload.spec.template.metadata?.labels ?? {};
  return manifests.filter(({ kind, spec }) => {
    const wanted = Object.entries(spec?.selector ?? {});
    return kind === "Service" && wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value);
  });
}

/** The number of a container's port. @param port a number, or a name that the container gives it */
export function portNumber(container: ComposeContainer | undefined, port: number | string): number {
  if (typeof port === "number") return port;
  return container?.ports?.find(({ name }) => name === port)?.containerPort ?? Number(port);
}

const units: Record<string, number> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A quantity such as `256Mi` or `500m` as a number; https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
export function quantity(text: string | number): number {
  const [, value = "", unit = ""] = /^([\d.]+)([a-zA-Z]*)$/.exec(String(text)) ?? [];
  return Number(value || Number.NaN) * (units[unit] ?? Number.NaN);
}
