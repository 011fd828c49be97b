import { type Manifest, readManifest } from "../../lib/rules/manifest.ts";
import type { AppManifests, Platform } from "../../lib/rules/rule.ts";

/** The digest of an image that was released. */
export const digest = `sha256:${"0".repeat(64)}`;

/** Manifests without a fault, so that each test can add one. */
export function sound(): Manifest[] {
  const annotations = { "argocd.argoproj.io/sync-wave": "0" };
  const labels = { "app.kubernetes.io/name": "demo-api" };
  const pod = {
    serviceAccountName: "demo",
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 60,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
    topologySpreadConstraints: [{ topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "DoNotSchedule" }],
    containers: [
      {
        name: "api",
        image: `registry.example/demo-api@${digest}`,
        ports: [
          { name: "http", containerPort: 8000 },
          { name: "https", containerPort: 8443 },
          { name: "redirect", containerPort: 8081 },
        ],
        env: [{ name: "PEER_HOST", value: "demo-api" }],
        readinessProbe: {},
        lifecycle: { preStop: { sleep: { seconds: 30 } } },
        resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "32Mi" } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
      },
    ],
    volumes: [{ name: "tmp", emptyDir: { sizeLimit: "1Mi" } }],
  };
  const itself = [{ podSelector: { matchLabels: labels } }];
  const rights = { name: "demo", namespace: "demo", annotations };
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: "demo",
        annotations: { ...annotations, "argocd.argoproj.io/sync-options": "Delete=false,Prune=false" },
        labels: { "pod-security.kubernetes.io/enforce": "restricted" },
      },
    },
    {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "demo", namespace: "demo", annotations },
      // A pod, the one that a rolling update adds, and the one that it replaces.
      spec: { hard: { pods: "3", "requests.cpu": "30m", "requests.memory": "48Mi", "limits.memory": "96Mi" } },
    },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "deny-all", namespace: "demo", annotations },
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "demo-api", namespace: "demo", annotations },
      spec: {
        podSelector: { matchLabels: labels },
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ from: itself, ports: [{ port: 8000 }] }],
        egress: [{ to: itself, ports: [{ port: 8000 }] }],
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        name: "demo-api",
        namespace: "demo",
        annotations: { ...annotations, "service.beta.kubernetes.io/aws-load-balancer-type": "nlb" },
      },
      spec: {
        type: "LoadBalancer",
        externalTrafficPolicy: "Local",
        selector: labels,
        ports: [{ port: 80, targetPort: "http" }],
      },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "demo-api", namespace: "demo", annotations },
      spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: rights,
      rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["create"] }],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: rights,
      roleRef: { kind: "Role", name: "demo" },
      subjects: [{ kind: "ServiceAccount", name: "demo", namespace: "demo" }],
    },
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "demo", namespace: "demo", annotations },
      spec: { storageClassName: "fast" },
    },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { name: "demo", namespace: "demo", annotations },
      spec: { ingressClassName: "demo" },
    },
  ];
}

/** What the cluster of the sound manifests offers. */
export const platform: Platform = {
  kinds: [
    ...["ResourceQuota", "Service", "Pod", "PersistentVolumeClaim", "Secret"].map((kind) => ({ group: "", kind })),
    { group: "apps", kind: "Deployment" },
    ...["Job", "CronJob"].map((kind) => ({ group: "batch", kind })),
    ...["NetworkPolicy", "Ingress"].map((kind) => ({ group: "networking.k8s.io", kind })),
    { group: "rbac.authorization.k8s.io", kind: "*" },
    { group: "autoscaling", kind: "HorizontalPodAutoscaler" },
    { group: "policy", kind: "PodDisruptionBudget" },
  ],
  clusterKinds: [{ group: "", kind: "Namespace" }],
  classes: [
    { name: "fast", isDefault: true },
    { name: "slow", isDefault: false },
  ],
};

/** The sound manifests, or others of the same app, as rules look at them. */
export function appOf(manifests: readonly unknown[] = sound(), more: Partial<AppManifests> = {}): AppManifests {
  const read = manifests.map((value) => {
    const result = readManifest(value);
    if (!("manifest" in result)) throw new Error(`${result.object}: ${result.problems.join(", ")}`);
    return result.manifest;
  });
  return { app: "demo", manifests: read, components: [], takesReleases: true, platform, ...more };
}
