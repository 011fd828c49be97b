import { expect, test } from "vitest";
import { type Manifest, readManifest } from "./manifest.ts";
import { describeFault, findFaults, rules } from "./rules.ts";
import { broken } from "../../testing/rules/broken.ts";
import { appOf, digest, sound } from "../../testing/rules/manifests.ts";

/** The faults of manifests as lines, with what differs from a sound app. */
const faultsOf = (manifests: readonly unknown[], more: Parameters<typeof appOf>[1] = {}) =>
  findFaults(appOf(manifests, more)).map(describeFault);

test("sound manifests have no fault", () => {
  expect(faultsOf(sound())).toEqual([]);
});

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
