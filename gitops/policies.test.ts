import { expect, test } from "vitest";
import { findFaults, type Manifest } from "./policies.ts";

const digest = `sha256:${"0".repeat(64)}`;

/** Manifests without a fault, so that each test can add one. */
function sound(): Manifest[] {
  const annotations = { "argocd.argoproj.io/sync-wave": "0" };
  const labels = { "app.kubernetes.io/name": "demo-api" };
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "demo", annotations, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "deny-all", namespace: "demo", annotations },
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "demo-api", namespace: "demo", annotations },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: "demo",
            automountServiceAccountToken: false,
            securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
            containers: [
              {
                name: "api",
                image: `registry.example/demo-api@${digest}`,
                readinessProbe: {},
                resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "32Mi" } },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ["ALL"] },
                },
              },
            ],
          },
        },
      },
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
  ['"replicas":1', '"replicas":2', "no PodDisruptionBudget"],
  ['"replicas":1', '"replicas":2', "is not spread over nodes"],
  ['"policyTypes":["Ingress","Egress"]', '"policyTypes":["Ingress"]', "no NetworkPolicy denies everything"],
  ['enforce":"restricted"', 'enforce":"baseline"', "does not enforce the restricted profile"],
  ['"kind":"Namespace"', '"kind":"Secret"', "a Secret in git"],
  [',"namespace":"demo"', "", "no namespace"],
  ['"readinessProbe":{},', "", "no readiness probe"],
])("%s changed to %s: %s", (from, to, fault) => {
  const text = JSON.stringify(sound());
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  expect(findFaults(JSON.parse(changed) as Manifest[], { released: true }).join("\n")).toContain(fault);
});
