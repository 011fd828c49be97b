import { expect, test } from "vitest";
import { type Manifest, readManifest } from "./manifest.ts";
import { describeFault, findFaults, rules } from "./rules.ts";
import { appOf, digest, sound } from "../../testing/rules/manifests.ts";

/** The faults of manifests as lines, with what differs from a sound app. */
const faultsOf = (manifests: readonly unknown[], more: Parameters<typeof appOf>[1] = {}) =>
  findFaults(appOf(manifests, more)).map(describeFault);

test("sound manifests have no fault", () => {
  expect(faultsOf(sound())).toEqual([]);
});

/** A rule, what is edited in the sound manifests' JSON, and the fault that comes of it. */
const broken: [rule: string, from: string, to: string, fault: string][] = [
  ["image", `registry.example/demo-api@${digest}`, "demo-api:latest", "the tag latest"],
  [
    "image",
    `registry.example/demo-api@${digest}`,
    "registry.example/demo-api:1.2.3",
    "is neither a component nor named by digest",
  ],
  ["image", `@${digest}`, "@sha256:123", "is neither a component nor named by digest"],
  ["image", `registry.example/demo-api@${digest}`, "nginx", "image nginx is neither a component"],
  ["read-only-root", '"readOnlyRootFilesystem":true', '"readOnlyRootFilesystem":false', "a writable root"],
  ["no-escalation", '"allowPrivilegeEscalation":false,', "", "may gain rights"],
  [
    "no-escalation",
    '"allowPrivilegeEscalation":false,',
    '"allowPrivilegeEscalation":false,"privileged":true,',
    "is privileged",
  ],
  [
    "no-escalation",
    '"allowPrivilegeEscalation":false,',
    '"allowPrivilegeEscalation":false,"procMount":"Unmasked",',
    "sees its node's /proc",
  ],
  ["capabilities", '"drop":["ALL"]', '"drop":["NET_RAW"]', "keeps capabilities"],
  ["capabilities", '"drop":["ALL"]', '"drop":["ALL"],"add":["SYS_ADMIN"]', "adds capabilities (SYS_ADMIN)"],
  ["memory-limit", '"limits":{"memory":"32Mi"}', '"limits":{}', "no memory limit"],
  ["requests", '"cpu":"10m",', "", "no requests"],
  ["non-root", '"runAsNonRoot":true,', "", "may run as root"],
  ["non-root", '"runAsUser":1000,', "", "names no user by number"],
  [
    "non-root",
    '"readOnlyRootFilesystem":true',
    '"readOnlyRootFilesystem":true,"runAsUser":0',
    "container api: may run as root",
  ],
  ["account-token", '"automountServiceAccountToken":false,', "", "does not say whether it gets a token"],
  ["service-account", '"serviceAccountName":"demo",', "", "default ServiceAccount"],
  ["service-account", '"serviceAccountName":"demo",', '"serviceAccountName":"default",', "default ServiceAccount"],
  [
    "seccomp",
    '"seccompProfile":{"type":"RuntimeDefault"}',
    '"seccompProfile":{"type":"Unconfined"}',
    "no seccomp profile",
  ],
  [
    "seccomp",
    '"readOnlyRootFilesystem":true',
    '"readOnlyRootFilesystem":true,"seccompProfile":{"type":"Unconfined"}',
    "container api: no seccomp profile",
  ],
  [
    "host-access",
    '"terminationGracePeriodSeconds":60',
    '"terminationGracePeriodSeconds":60,"hostNetwork":true',
    "shares its node's own (hostNetwork)",
  ],
  [
    "host-access",
    '"terminationGracePeriodSeconds":60',
    '"terminationGracePeriodSeconds":60,"hostPID":true',
    "(hostPID)",
  ],
  ["host-access", '"emptyDir":{"sizeLimit":"1Mi"}', '"hostPath":{"path":"/"}', "volume tmp: a path of its node"],
  ["host-access", '"containerPort":8000', '"containerPort":8000,"hostPort":80', "takes port 80 of its node"],
  [
    "volume-kinds",
    '"emptyDir":{"sizeLimit":"1Mi"}',
    '"nfs":{"server":"files"}',
    "volume tmp: the restricted profile refuses nfs",
  ],
  ["disk-limit", '"emptyDir":{"sizeLimit":"1Mi"}', '"emptyDir":{}', "may fill the node's disk"],
  ["disruption-budget", '"replicas":1', '"replicas":2', "no PodDisruptionBudget"],
  ["local-traffic", '"topologySpreadConstraints":', '"other":', "may leave a node without a pod"],
  [
    "local-traffic",
    '"whenUnsatisfiable":"DoNotSchedule"',
    '"whenUnsatisfiable":"ScheduleAnyway"',
    "may leave a node without a pod",
  ],
  ["local-traffic", '"seconds":30', '"seconds":10', "ends before the load balancer has noticed"],
  [
    "local-traffic",
    '"terminationGracePeriodSeconds":60',
    '"terminationGracePeriodSeconds":30',
    "is killed while it waits",
  ],
  ["deny-all", '"policyTypes":["Ingress","Egress"]', '"policyTypes":["Ingress"]', "no NetworkPolicy denies everything"],
  [
    "deny-all",
    '"podSelector":{},',
    '"podSelector":{"matchExpressions":[{"key":"a","operator":"Exists"}]},',
    "no NetworkPolicy denies everything",
  ],
  [
    "allowed-flows",
    '"ports":[{"port":8000}]',
    '"ports":[{"port":8001}]',
    "no NetworkPolicies allow demo-api -> demo-api:8000",
  ],
  [
    "allowed-flows",
    '"containerPort":8000',
    '"containerPort":8080',
    "no NetworkPolicies allow demo-api -> demo-api:8080",
  ],
  ["allowed-flows", ',"ports":[{"port":8000}]', "", "cannot be checked: A NetworkPolicy without ports"],
  ["quota", '"kind":"ResourceQuota"', '"kind":"LimitRange"', "no ResourceQuota"],
  ["quota", '"pods":"3"', '"pods":"2"', "the ResourceQuota allows 2 pods, a release needs up to 3"],
  [
    "quota",
    '"pods":"3"',
    '"pods":"3","services.nodeports":"1"',
    "the ResourceQuota allows 1 services.nodeports, a release needs up to 2",
  ],
  ["quota", '"limits.memory":"96Mi"', '"limits.memory":"64Mi"', "limits.memory"],
  ["quota", '"limits.memory":"96Mi"', '"limits.memory":"much"', 'cannot be checked: "much" is not a quantity'],
  ["job-hook", '"kind":"Deployment"', '"kind":"Job"', "is not a hook that is made again"],
  ["restricted-profile", 'enforce":"restricted"', 'enforce":"baseline"', "does not enforce the restricted profile"],
  [
    "restricted-profile",
    '"kind":"Namespace"',
    '"kind":"LimitRange"',
    "no Namespace that enforces the restricted profile",
  ],
  ["namespace-kept", "Delete=false,", "", "its volumes and passwords would go with its Application"],
  ["secret-in-git", '"kind":"Namespace"', '"kind":"Secret"', "a Secret in git"],
  ["own-namespace", ',"namespace":"demo"', "", "no namespace"],
  [
    "own-namespace",
    ',"namespace":"demo"',
    ',"namespace":"kube-system"',
    "is in the namespace kube-system, not in demo",
  ],
  [
    "own-namespace",
    '{"name":"demo","annotations":{"argocd',
    '{"name":"other","annotations":{"argocd',
    "the app's own namespace is called demo",
  ],
  ["sync-wave", '{"argocd.argoproj.io/sync-wave":"0"}', "{}", "no sync wave"],
  ["kind", '"kind":"Deployment"', '"kind":"DaemonSet"', "allows no DaemonSet of apps/v1"],
  ["kind", '"kind":"RoleBinding"', '"kind":"ClusterRoleBinding"', "allows no ClusterRoleBinding of rbac"],
  ["kind", '"apiVersion":"apps/v1"', '"apiVersion":"example.com/v1"', "allows no Deployment of example.com/v1"],
  [
    "load-balancer",
    ',"service.beta.kubernetes.io/aws-load-balancer-type":"nlb"',
    "",
    "so EKS makes no network load balancer",
  ],
  ["load-balancer", '-type":"nlb"', '-type":"external"', "so EKS makes no network load balancer"],
  [
    "load-balancer",
    '"type":"LoadBalancer",',
    '"type":"LoadBalancer","loadBalancerClass":"service.k8s.aws/nlb",',
    "of the class service.k8s.aws/nlb",
  ],
  ["public-name", '"ports":[{"port":80,', '"ports":[{"port":8080,', "is public on another port than 80"],
  ["public-name", '"ports":[{"port":80,', '"ports":[{"port":443},{"port":80,', "is public on another port than 80"],
  ["public-name", '"name":"https"', '"name":"tls"', "no container of demo-api has a port called https"],
  ["public-name", '"name":"redirect"', '"name":"plain"', "no container of demo-api has a port called redirect"],
  ["service-outside", '"type":"LoadBalancer"', '"type":"ExternalName"', "leads to a name outside of the cluster"],
  [
    "service-outside",
    '"type":"LoadBalancer",',
    '"type":"LoadBalancer","externalIPs":["10.0.0.1"],',
    "takes addresses that are not its own",
  ],
  ["node-port", '"type":"LoadBalancer"', '"type":"NodePort"', "opens a port of every node"],
  ["ingress-class", '"ingressClassName":"demo"', "", "no ingressClassName"],
  [
    "claim-class",
    '"storageClassName":"fast"',
    '"storageClassName":"gp2"',
    'the platform has no StorageClass "gp2", only fast, slow',
  ],
  ["claim-class", '"storageClassName":"fast"', '"storageClassName":""', 'no StorageClass ""'],
  [
    "claim-class",
    '"replicas":1',
    '"replicas":1,"volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"storageClassName":"gp2"}}]',
    "claim data: the platform has no",
  ],
  ["narrow-rights", '"verbs":["create"]', '"verbs":["*"]', "allows everything (*) somewhere"],
  ["narrow-rights", '"verbs":["create"]', '"verbs":["create","get"]', "allows more with secrets than to create them"],
  [
    "narrow-rights",
    '"resources":["secrets"]',
    '"resources":["pods/exec"]',
    "allows pods/exec, which leads into other pods",
  ],
  ["narrow-rights", '"verbs":["create"]', '"verbs":["escalate"]', "allows escalate, which leads to any right"],
  [
    "narrow-rights",
    '"roleRef":{"kind":"Role"',
    '"roleRef":{"kind":"ClusterRole"',
    "gives the ClusterRole demo, no Role of the app",
  ],
  ["narrow-rights", '"kind":"ServiceAccount"', '"kind":"Group"', "gives rights to Group demo/demo"],
  ["readiness", '"readinessProbe":{},', "", "no readiness probe"],
];

test.each(broken)("%s: %s changed to %s: %s", (rule, from, to, fault) => {
  const text = JSON.stringify(sound());
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  const found = faultsOf(JSON.parse(changed) as unknown[]).filter((line) => line.endsWith(`[${rule}]`));
  expect(found.join("\n")).toContain(fault);
});

test("each rule is broken by a test, has its own id, and says in a sentence what it asks for", () => {
  const elsewhere = ["one-scaler", "spread", "takes-releases"];
  const ids = rules.map(({ id }) => id);
  expect([...new Set([...broken.map(([rule]) => rule), ...elsewhere])].sort()).toEqual([...ids].sort());
  for (const { id, owes } of rules)
    expect([id, owes]).toEqual([expect.stringMatching(/^[a-z]+(-[a-z]+)*$/), expect.stringMatching(/^[A-Z].*\.$/)]);
});

test("a claim without a class needs a default one", () => {
  const text = JSON.stringify(sound()).replace('"storageClassName":"fast"', "");
  const { platform } = appOf();
  expect(faultsOf(JSON.parse(text) as unknown[])).toEqual([]);
  const classes = platform.classes.map((each) => ({ ...each, isDefault: false }));
  expect(faultsOf(JSON.parse(text) as unknown[], { platform: { ...platform, classes } })).toEqual([
    "PersistentVolumeClaim/demo: no storageClassName, and the platform has no default class [claim-class]",
  ]);
});

test("before its first release an image may have its component's name, and no other app's", () => {
  const text = JSON.stringify(sound()).replace(`registry.example/demo-api@${digest}`, "demo-api");
  expect(faultsOf(JSON.parse(text) as unknown[], { components: ["demo-api"] })).toEqual([]);
  expect(faultsOf(JSON.parse(text) as unknown[], { components: ["demo-web"] }).join()).toContain("[image]");
});

test("an overlay that no release reaches", () => {
  expect(faultsOf(sound(), { takesReleases: false })).toEqual([
    'the overlay does not list "images" under components, so no release reaches it [takes-releases]',
  ]);
});

test("replicas along with an autoscaler", () => {
  const scaler = {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "demo-api", namespace: "demo", annotations: { "argocd.argoproj.io/sync-wave": "2" } },
    spec: { scaleTargetRef: { kind: "Deployment", name: "demo-api" }, minReplicas: 1, maxReplicas: 1 },
  };
  expect(faultsOf([...sound(), scaler])).toEqual(["Deployment/demo-api: has replicas and an autoscaler [one-scaler]"]);
  const text = JSON.stringify([...sound(), scaler]).replace('"replicas":1,', "");
  expect(faultsOf(JSON.parse(text) as unknown[])).toEqual([]);
});

test("a bare Pod owes what the pods of a Deployment owe", () => {
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "bare", namespace: "demo", annotations: { "argocd.argoproj.io/sync-wave": "0" } },
    spec: {
      hostNetwork: true,
      containers: [{ name: "shell", image: "busybox", securityContext: { privileged: true } }],
    },
  };
  const found = faultsOf([...sound(), pod]).filter((line) => line.startsWith("Pod/bare"));
  for (const rule of ["host-access", "no-escalation", "image", "non-root", "memory-limit"])
    expect(found.join("\n")).toContain(`[${rule}]`);
});

test("what is not shaped like a Kubernetes object is named, a field without a value counts as absent", () => {
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "api", annotations: null },
    spec: { template: { spec: { containers: "none" } } },
  };
  expect(readManifest(deployment)).toMatchObject({
    object: "Deployment/api",
    problems: [expect.stringContaining("spec.template.spec.containers")],
  });
  expect(readManifest({ ...deployment, spec: { template: null } })).toHaveProperty("manifest.metadata", {
    name: "api",
  });
  for (const value of [null, "text", [], { kind: "Pod" }]) expect(readManifest(value)).toHaveProperty("problems");
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
  const faults = (manifests: string) => faultsOf(JSON.parse(manifests) as unknown[]);
  expect(faults(text.replace('"pods":"3"', '"pods":"4"')).filter((fault) => fault.includes(" pods"))).toEqual([]);
  expect(faults(text).join("\n")).toContain("the ResourceQuota allows 3 pods, a release needs up to 4");
  const careless = text.replaceAll('"runAsNonRoot":true', '"runAsNonRoot":false');
  expect(faults(careless)).toContain("CronJob/demo-nightly: may run as root [non-root]");
});

test("two pods that are spread over nodes, with neither word about it, are found", () => {
  const text = JSON.stringify(sound())
    .replace('"replicas":1', '"replicas":2')
    .replace('"topologySpreadConstraints":', '"other":')
    .replace('"externalTrafficPolicy":"Local",', "");
  expect(faultsOf(JSON.parse(text) as unknown[]).join("\n")).toContain("is not spread over nodes [spread]");
});
