import { expect, test } from "vitest";
import type { Manifest } from "./manifest.ts";
import { findFaults } from "./policies.ts";

const digest = `sha256:${"0".repeat(64)}`;

/** Manifests without a fault, so that each test can add one. */
function sound(): Manifest[] {
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
        ports: [{ name: "http", containerPort: 8000 }],
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
      metadata: { name: "demo-api", namespace: "demo", annotations },
      spec: { externalTrafficPolicy: "Local", selector: labels, ports: [{ port: 80, targetPort: "http" }] },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "demo-api", namespace: "demo", annotations },
      spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
    },
  ];
}

test("sound manifests have no fault", () => {
  expect(findFaults(sound(), { released: true })).toEqual([]);
});

// Each text is edited into the sound manifests' JSON; the fault that follows is what the policy is there for.
test.each([
  [`registry.example/demo-api@${digest}`, "demo-api:latest", "the tag latest"],
  [`registry.example/demo-api@${digest}`, "registry.example/demo-api:1.2.3", "is not named by digest"],
  ['"readOnlyRootFilesystem":true', '"readOnlyRootFilesystem":false', "a writable root"],
  ['"allowPrivilegeEscalation":false,', "", "may gain rights"],
  ['"drop":["ALL"]', '"drop":["NET_RAW"]', "keeps capabilities"],
  ['"limits":{"memory":"32Mi"}', '"limits":{}', "no memory limit"],
  ['"cpu":"10m",', "", "no requests"],
  ['"runAsNonRoot":true,', "", "may run as root"],
  ['"automountServiceAccountToken":false,', "", "does not say whether it gets a token"],
  ['"serviceAccountName":"demo",', "", "default ServiceAccount"],
  ['"seccompProfile":{"type":"RuntimeDefault"}', '"seccompProfile":{"type":"Unconfined"}', "no seccomp profile"],
  ['"emptyDir":{"sizeLimit":"1Mi"}', '"emptyDir":{}', "may fill the node's disk"],
  ['"replicas":1', '"replicas":2', "no PodDisruptionBudget"],
  ['"topologySpreadConstraints":', '"other":', "may leave a node without a pod"],
  ['"whenUnsatisfiable":"DoNotSchedule"', '"whenUnsatisfiable":"ScheduleAnyway"', "may leave a node without a pod"],
  ['"seconds":30', '"seconds":10', "ends before the load balancer has noticed"],
  ['"terminationGracePeriodSeconds":60', '"terminationGracePeriodSeconds":30', "is killed while it waits"],
  ['"policyTypes":["Ingress","Egress"]', '"policyTypes":["Ingress"]', "no NetworkPolicy denies everything"],
  ['"ports":[{"port":8000}]', '"ports":[{"port":8001}]', "no NetworkPolicies allow demo-api -> demo-api:8000"],
  ['"containerPort":8000', '"containerPort":8080', "no NetworkPolicies allow demo-api -> demo-api:8080"],
  ['"kind":"ResourceQuota"', '"kind":"LimitRange"', "no ResourceQuota"],
  ['"pods":"3"', '"pods":"2"', "the ResourceQuota allows 2 pods, a release needs up to 3"],
  ['"limits.memory":"96Mi"', '"limits.memory":"64Mi"', "limits.memory"],
  ['"kind":"Deployment"', '"kind":"Job"', "is no hook that is made anew"],
  ['enforce":"restricted"', 'enforce":"baseline"', "does not enforce the restricted profile"],
  ["Delete=false,", "", "its volumes and passwords would go with its Application"],
  ['"kind":"Namespace"', '"kind":"Secret"', "a Secret in git"],
  [',"namespace":"demo"', "", "no namespace"],
  ['"readinessProbe":{},', "", "no readiness probe"],
])("%s changed to %s: %s", (from, to, fault) => {
  const text = JSON.stringify(sound());
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  expect(findFaults(JSON.parse(changed) as Manifest[], { released: true }).join("\n")).toContain(fault);
});

test("a CronJob's pods owe the same, and take room in the quota", () => {
  const [deployment] = sound().filter(({ kind }) => kind === "Deployment");
  const { template } = deployment?.spec ?? {};
  if (!deployment || !template) throw new Error("the sound manifests have a Deployment");
  const nightly: Manifest = {
    ...deployment,
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { ...deployment.metadata, name: "demo-nightly" },
    spec: { jobTemplate: { spec: { template } } },
  };
  const text = JSON.stringify([...sound(), nightly]);
  const faults = (manifests: string) => findFaults(JSON.parse(manifests) as Manifest[], { released: true });
  expect(faults(text.replace('"pods":"3"', '"pods":"4"')).filter((fault) => fault.includes(" pods"))).toEqual([]);
  expect(faults(text).join("\n")).toContain("the ResourceQuota allows 3 pods, a release needs up to 4");
  const careless = text.replaceAll('"runAsNonRoot":true', '"runAsNonRoot":false');
  expect(faults(careless)).toContain("CronJob/demo-nightly: may run as root");
});

test("two pods that are spread over nodes, with neither word about it, are found", () => {
  const text = JSON.stringify(sound())
    .replace('"replicas":1', '"replicas":2')
    .replace('"topologySpreadConstraints":', '"other":')
    .replace('"externalTrafficPolicy":"Local",', "");
  expect(findFaults(JSON.parse(text) as Manifest[], { released: true }).join("\n")).toContain(
    "is not spread over nodes",
  );
});
