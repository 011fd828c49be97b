import { describe, expect, it } from "vitest";
import type { Application } from "./application.ts";
import { type Node, noReadyNode, unestablished, unrolled, unsynced } from "./readiness.ts";
import type { Workload } from "./objects.ts";

const by = <T extends { metadata: { name: string } }>(...items: T[]): Map<string, T> =>
  new Map(items.map((item) => [item.metadata.name, item]));

it("one ready node is enough", () => {
  const node = (name: string, status: string, message = ""): Node => ({
    metadata: { name },
    status: { conditions: [{ type: "Ready", status, message }] },
  });
  expect(noReadyNode(new Map())).toBe("no node of the cluster is ready");
  expect(noReadyNode(by(node("a", "False", "no network"), { metadata: { name: "b" } }))).toBe(
    "no node of the cluster is ready (a: no network; b: has not reported yet)",
  );
  expect(noReadyNode(by(node("a", "False"), node("b", "True")))).toBeUndefined();
});

it("every kind that was applied must be established", () => {
  const missing = unestablished(["namespace/argocd", "customresourcedefinition.apiextensions.k8s.io/a.argoproj.io"]);
  const definition = (status: string) => ({
    metadata: { name: "a.argoproj.io" },
    status: { conditions: [{ type: "Established", status }] },
  });
  expect(missing(new Map())).toContain("a.argoproj.io");
  expect(missing(by(definition("False")))).toContain("a.argoproj.io");
  expect(missing(by(definition("True")))).toBeUndefined();
});

describe("a rollout", () => {
  const workload = (status: NonNullable<Workload["status"]>, generation = 1): Workload => ({
    metadata: { name: "argocd-server", generation },
    spec: { replicas: 2, template: { spec: { containers: [] } } },
    status,
  });
  const done = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };

  it.each([
    ["is complete when all of the newest are available", workload(done), undefined],
    ["was not looked at since it changed", workload(done, 2), "argocd-server was changed a moment ago"],
    ["lacks newest pods", workload({ ...done, updatedReplicas: 1 }), "argocd-server has 1 of 2 pods available"],
    ["lacks available pods", workload({ ...done, availableReplicas: 0 }), "argocd-server has 0 of 2 pods available"],
    ["has earlier pods", workload({ ...done, replicas: 3 }), "argocd-server has 2 of 2 pods available"],
    [
      "cannot make its pods",
      workload({
        observedGeneration: 1,
        conditions: [{ type: "ReplicaFailure", status: "True", message: "exceeded quota" }],
      }),
      "argocd-server has 0 of 2 pods available: exceeded quota",
    ],
  ])("%s", (_, found, missing) => {
    expect(unrolled(by(found))).toBe(missing);
  });

  it("of nothing is missing", () => {
    expect(unrolled(new Map())).toBe("Argo CD has no workloads yet");
  });
});

describe("the root Application", () => {
  const commit = "0".repeat(40);
  const synced: Application = {
    metadata: { name: "slipway", namespace: "argocd" },
    spec: { destination: {} },
    status: { sync: { status: "Synced", revision: commit }, health: { status: "Healthy" } },
  };
  const missing = (application: Application) => unsynced(new Map([["argocd/slipway", application]]));
  const operation = (phase: "Running" | "Failed", message: string) => ({
    phase,
    message,
    startedAt: "2026-01-02T03:04:05Z",
    operation: { sync: { revision: commit } },
  });

  it("is done when it is Synced and Healthy after a look at git", () => {
    expect(missing(synced)).toBeUndefined();
    const asked = { ...synced.metadata, annotations: { "argocd.argoproj.io/refresh": "normal" } };
    expect(missing({ ...synced, metadata: asked })).toBe("Application slipway was not looked at yet");
    expect(unsynced(new Map())).toBe("Application slipway is not there yet");
  });

  it("is not done while a sync runs, and a failed one is told", () => {
    const status = (more: object) => ({ ...synced, status: { ...synced.status, ...more } });
    expect(missing(status({ operationState: operation("Running", "") }))).toBe("Application slipway is being synced");
    const failed = { sync: { status: "OutOfSync" }, operationState: operation("Failed", "not permitted") };
    expect(missing(status(failed))).toBe("Application slipway is OutOfSync (a sync failed: not permitted)");
  });

  it("says what Argo CD complains about, in brief", () => {
    const conditions = [
      { type: "ComparisonError", message: "repository not found" },
      { type: "UnknownError", message: "a repetition" },
    ];
    const status = { sync: { status: "Unknown" as const }, health: { status: "Healthy" }, conditions };
    expect(missing({ ...synced, status })).toBe(
      "Application slipway is Unknown (ComparisonError: repository not found)",
    );
    expect(missing({ ...synced, status: { ...synced.status, health: { status: "Degraded" } } })).toBe(
      "Application slipway is Degraded",
    );
  });
});
