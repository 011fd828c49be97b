import { describe, expect, it } from "vitest";
import { event, held, namespace, says, unscheduled } from "../../../testing/argocd/causes.ts";
import { fresh, live, oldOnly, rolling } from "../../../testing/argocd/judgement.ts";
import { deploymentOf, statefulSetOf, type TestObjects, times } from "../../../testing/argocd/objects.ts";
import type { Cause } from "./causes.ts";
import type { ClusterEvent } from "./events.ts";

describe("pods that are refused", () => {
  const none = deploymentOf({ ...fresh, replicas: 0 });
  for (const each of none.deployments) each.spec.replicas = 2;
  const quota =
    'pods "guests-api-2-x" is forbidden: exceeded quota: guests, requested: pods=1, used: pods=4, limited: pods=4';
  const refused = (message: string, more: Parameters<typeof event>[3] = {}) =>
    event("ReplicaSet/guests-api-2", "FailedCreate", message, { uid: "guests-api-set-2", ...more });

  it.each<[string, number]>([
    [quota, 120],
    ['pods "x" is forbidden: failed quota: guests: must specify limits.memory for: api', 20],
    ['pods "x" is forbidden: violates PodSecurity "restricted:latest": privileged', 20],
    ['pods "x" is forbidden: error looking up service account guests/guests: serviceaccount "guests" not found', 60],
    ['Internal error occurred: failed calling webhook "x": no endpoints available', 300],
    ['admission webhook "x" denied the request: no', 20],
  ])("%s", (message, patience) => {
    const [first, ...more] = held({ objects: none, events: [refused(`(combined from similar events): ${message}`)] });
    expect(first).toMatchObject(says("pods-refused", patience, `ReplicaSet guests-api-2: FailedCreate: ${message}`));
    expect(more).toEqual([]);
  });

  it.each<[string, ClusterEvent, TestObjects]>([
    ["of an earlier ReplicaSet", refused(quota, { uid: "guests-api-set-1" }), none],
    ["before the sync", refused(quota, { lastTimestamp: times.before }), none],
    ["before the newest pod, which was let in", refused(quota, { lastTimestamp: "2026-05-01T10:00:04Z" }), rolling()],
  ])("no longer count: %s", (_, warning, objects) => {
    expect(held({ objects, events: [warning] }).filter(({ object }) => object.kind === "ReplicaSet")).toEqual([]);
  });

  it("are named for a StatefulSet and for the Job that a sync waits for, too", () => {
    const set = statefulSetOf({ ...fresh, name: "guests-database" });
    const empty = { ...set, pods: [] };
    const resources = [{ group: "apps", kind: "StatefulSet", namespace, name: "guests-database" }];
    const events = [event("StatefulSet/guests-database", "FailedCreate", quota)];
    expect(held({ resources, objects: [live, empty], events })).toMatchObject([
      says("pods-refused", 120, /^StatefulSet guests-database: FailedCreate/),
    ]);
    const state = { message: "waiting for completion of hook batch/Job/guests-migration" };
    const job = [event("Job/guests-migration", "FailedCreate", quota)];
    expect(held({ over: false, state, events: job })).toMatchObject([
      says("pods-refused", 120, /^Job guests-migration/),
    ]);
    const suspended = [event("Job/guests-migration", "Suspended", "Job suspended", { type: "Normal" })];
    expect(held({ over: false, state, events: suspended })).toMatchObject([says("suspended", 60, /is suspended/)]);
  });
});

describe("a pod", () => {
  it.each([
    "0/3 nodes are available: 3 Insufficient cpu.",
    "0/3 nodes are available: 3 node(s) had untolerated taint {dedicated: batch}.",
    "0/3 nodes are available: 3 node(s) had volume node affinity conflict.",
  ])("without a node says why, and a node may still come: %s", (message) => {
    expect(held({ objects: unscheduled(message) })).toMatchObject([
      says("unschedulable", 300, `Pod guests-api-2-0: Unschedulable: ${message}`),
    ]);
  });

  const starting = rolling({ ready: false, imageID: "", state: { waiting: { reason: "ContainerCreating" } } });
  it.each<[string, string, Cause["reason"], number | undefined]>([
    ["FailedMount", 'MountVolume.SetUp failed for volume "x" : secret "guests" not found', "mount", 90],
    ["FailedMount", 'MountVolume.SetUp failed for volume "x" : configmap "guests" not found', "mount", 90],
    ["FailedMount", "Unable to attach or mount volumes: timed out", "mount", 240],
    ["FailedAttachVolume", "Multi-Attach error for volume", "mount", 480],
    ["FailedCreatePodSandBox", "failed to assign an IP address", undefined, undefined],
  ])("that does not start says why: %s, %s", (reason, message, is, patience) => {
    const events = [event("Pod/guests-api-2-0", reason, message, { uid: "guests-api-2-0" })];
    expect(held({ objects: starting, events })).toMatchObject([
      says(is, patience, `Pod guests-api-2-0: ${reason}: ${message}`),
    ]);
  });

  it("that has started has its volumes, whatever warnings came before", () => {
    const objects = rolling({ ready: false, state: {} });
    const mount = event("Pod/guests-api-2-0", "FailedMount", 'secret "guests" not found');
    const probe = event("Pod/guests-api-2-0", "Unhealthy", "Readiness probe failed: 503");
    expect(held({ objects, events: [mount, probe] })).toMatchObject([
      says(undefined, undefined, "Pod guests-api-2-0: Unhealthy: Readiness probe failed: 503"),
    ]);
  });

  it("is told once for all of its workload", () => {
    const objects = deploymentOf({ ...fresh, replicas: 3, ready: 0 });
    for (const pod of objects.pods)
      pod.status = {
        phase: "Pending",
        conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "no room" }],
      };
    expect(held({ objects })).toMatchObject([
      says("unschedulable", 300, "Pod guests-api-2-0: Unschedulable: no room (and 2 more)"),
    ]);
  });

  it("of an earlier time says nothing", () => {
    expect(held({ objects: oldOnly, over: false }).filter(({ object }) => object.kind === "Pod")).toEqual([]);
  });
});
