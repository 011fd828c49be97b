import { describe, expect, it } from "vitest";
import type { ResourceStatus } from "../application.ts";
import { fails, fresh, judged, live, oldOnly, rolling, stalled } from "../../../testing/argocd/judgement.ts";
import {
  applicationOf,
  commits,
  deploymentOf,
  operation,
  statefulSetOf,
  type TestObjects,
  times,
} from "../../../testing/argocd/objects.ts";
import type { Cause } from "./causes.ts";
import type { ClusterEvent } from "./events.ts";

const namespace = "guests";
const deployment: ResourceStatus = { group: "apps", kind: "Deployment", namespace, name: "guests-api" };

/** An event of an object in the app's namespace. */
function event(
  object: string,
  reason: string,
  message = "",
  more: Partial<ClusterEvent> & { uid?: string } = {},
): ClusterEvent {
  const [kind = "", name = ""] = object.split("/");
  const { uid, ...rest } = more;
  return {
    metadata: { name: `${name}.${reason}`, namespace },
    involvedObject: { kind, namespace, name, ...(uid === undefined ? {} : { uid }) },
    type: "Warning",
    reason,
    message,
    lastTimestamp: times.made,
    ...rest,
  };
}

/** What holds the app back while its sync runs, or has ended where `over`. */
function held(
  options: {
    resources?: ResourceStatus[];
    objects?: TestObjects | TestObjects[];
    events?: ClusterEvent[];
    over?: boolean;
    state?: Parameters<typeof operation>[2];
    conditions?: { type: string; message: string }[];
    revision?: string;
  } = {},
): Cause[] {
  const { resources = [], objects = live, events = [], over = true, state = {}, conditions = [] } = options;
  const application = applicationOf({
    health: { status: "Progressing", lastTransitionTime: times.made },
    operationState: operation(over ? "Succeeded" : "Running", options.revision ?? commits.ours, state),
    resources: [deployment, ...resources],
    conditions,
  });
  const judgement = judged(application, objects, { events });
  if (judgement.state !== "waiting") throw new Error(`It is ${judgement.state}.`);
  return judgement.causes;
}

const unhealthy = (kind: string, name: string, status = "Progressing", message?: string): ResourceStatus => ({
  kind,
  namespace,
  name,
  health: { status, ...(message === undefined ? {} : { message }) },
});
const says = (reason: Cause["reason"], patience: number | undefined, what: string | RegExp) => ({
  reason,
  patience,
  what: typeof what === "string" ? what : (expect.stringMatching(what) as unknown),
});
/** New pods that have no node, for a reason. */
function unscheduled(message: string, claim?: string): TestObjects {
  const objects = rolling();
  for (const pod of objects.pods.slice(0, 1)) {
    pod.status = {
      phase: "Pending",
      conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }],
    };
    if (claim) pod.spec.volumes = [{ persistentVolumeClaim: { claimName: claim } }];
  }
  return objects;
}

describe("a thing that Argo CD finds unhealthy", () => {
  const balancer = unhealthy("Service", "guests-nginx");

  it("is named by its newest warning", () => {
    const events = [
      event("Service/guests-nginx", "SyncLoadBalancerFailed", "AccessDenied: first", { lastTimestamp: times.before }),
      event("Service/guests-nginx", "SyncLoadBalancerFailed", "AccessDenied: not\nauthorized"),
      event("Service/other", "SyncLoadBalancerFailed", "another one"),
    ];
    expect(held({ resources: [balancer], events })).toMatchObject([
      says("load-balancer", 180, "Service guests-nginx: SyncLoadBalancerFailed: AccessDenied: not authorized"),
    ]);
  });

  it.each([
    [balancer, /^Service guests-nginx has no load balancer, and no controller says why$/],
    [unhealthy("Ingress", "guests"), /^Ingress guests has no address, and no controller says why/],
  ])("is named where nobody says anything of it", (resource, what) => {
    expect(held({ resources: [resource] })).toMatchObject([says("load-balancer", 300, what)]);
  });

  it("is named by its health where there are no events, and never fails by that", () => {
    const resource = unhealthy("ExternalSecret", "guests", "Progressing", "could not get\u001b[31m secret");
    expect(held({ resources: [resource] })).toMatchObject([
      says(undefined, undefined, "ExternalSecret guests: Progressing: could not get\\x1b[31m secret"),
    ]);
  });

  it("is not looked for among what is healthy, is to be made or is to go", () => {
    const resources = [
      unhealthy("Service", "a", "Healthy"),
      unhealthy("Service", "b", "Missing"),
      { ...unhealthy("Service", "c"), requiresPruning: true },
    ];
    const events = ["a", "b", "c"].map((name) => event(`Service/${name}`, "SyncLoadBalancerFailed", "no"));
    expect(held({ resources, events })).toEqual([]);
  });

  it("is told, without an end, where Argo CD does not say how it is: what was warned of may be over", () => {
    const events = [
      event("PodDisruptionBudget/guests-api", "NoPods", "no matching pods found"),
      event("Service/old", "SyncLoadBalancerFailed", "earlier", { lastTimestamp: times.before }),
    ];
    const resources = ["PodDisruptionBudget/guests-api", "Service/old"].map((each) => {
      const [kind = "", name = ""] = each.split("/");
      return { kind, namespace, name };
    });
    expect(held({ resources, events })).toMatchObject([
      says(undefined, undefined, "PodDisruptionBudget guests-api: NoPods: no matching pods found"),
    ]);
  });
});

describe("a claim", () => {
  const claim = "data-guests-database-0";
  const waits = unscheduled("0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims.", claim);

  it.each([
    ["FailedBinding", "no persistent volumes available for this claim and no storage class is set", 60],
    ["ProvisioningFailed", 'storageclass.storage.k8s.io "fast" not found', 60],
    ["ProvisioningFailed", "rpc error: code = ResourceExhausted", 180],
    ["ExternalProvisioning", "Waiting for a volume to be created by the external provisioner 'ebs.csi.aws.com'", 180],
  ])("of a pod without a node explains it: %s", (reason, message, patience) => {
    const events = [event(`PersistentVolumeClaim/${claim}`, reason, message, { type: "Normal" })];
    const [first, second] = held({ objects: waits, events });
    expect(first).toMatchObject(says("volume", patience, `PersistentVolumeClaim ${claim}: ${reason}: ${message}`));
    expect(second).toMatchObject(says("unschedulable", 300, /^Pod guests-api-2-0: Unschedulable: 0\/2 nodes/));
  });

  it("of the app itself is looked at in the same way", () => {
    const events = [event("PersistentVolumeClaim/a", "FailedBinding", "no storage class is set", { type: "Normal" })];
    const resources = [unhealthy("PersistentVolumeClaim", "a")];
    expect(held({ resources, events })).toMatchObject([says("volume", 60, /no storage class/)]);
  });

  it("that only waits for its pod is not a cause", () => {
    const events = [event(`PersistentVolumeClaim/${claim}`, "WaitForFirstConsumer", "waiting", { type: "Normal" })];
    expect(held({ objects: waits, events })).toMatchObject([says("unschedulable", 300, /^Pod/)]);
  });
});

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

describe("what is refused", () => {
  const refusal = (message: string) => ({
    revision: commits.ours,
    resources: [{ kind: "Service", namespace, name: "guests", status: "SyncFailed", message }],
  });
  it.each<[string, number | undefined]>([
    ['admission webhook "x" denied the request: no', 8],
    ['Service "guests" is invalid: spec.ports[0].port: Invalid value', 8],
    ['services "guests" is forbidden: exceeded quota: guests, requested: services.loadbalancers=1', undefined],
    ['failed calling webhook "x": connection refused', undefined],
    ["unable to create new content in namespace guests because it is being terminated", undefined],
    ["something else", undefined],
  ])("%s", (message, patience) => {
    const state = { finishedAt: times.finished, retryCount: 1, syncResult: refusal(message) };
    expect(held({ over: false, state, objects: oldOnly })[0]).toMatchObject(
      says(patience ? "refused" : undefined, patience, `Service guests: SyncFailed: ${message}`),
    );
  });

  it("by the project, and what kustomize cannot render, is told as well", () => {
    const conditions = [
      { type: "InvalidSpecError", message: "application destination is not permitted" },
      { type: "ComparisonError", message: "connection refused" },
      { type: "OrphanedResourceWarning", message: "3 orphans" },
    ];
    expect(held({ conditions })).toMatchObject([says("invalid", 60, /InvalidSpecError/)]);
    const broken = [{ type: "ComparisonError", message: "`kustomize build` failed exit status 1: no such file" }];
    expect(held({ conditions: broken })).toMatchObject([says("invalid", 60, /kustomize build/)]);
  });
});

it("what is wrong before the wanted commit is applied is told, and speaks not against it", () => {
  const resources = [unhealthy("Service", "guests-nginx")];
  const causes = held({ resources, objects: oldOnly, over: false, revision: commits.before });
  expect(causes).toMatchObject([says("load-balancer", undefined, /no load balancer/)]);
});

describe("a failure names its origin", () => {
  const quota = event("ReplicaSet/guests-api-2", "FailedCreate", "exceeded quota: guests", { uid: "guests-api-set-2" });

  it("where a workload gets no further", () => {
    const none = deploymentOf({ ...fresh, replicas: 0 });
    for (const each of none.deployments) each.spec.replicas = 2;
    const judgement = judged(applicationOf({ health: { status: "Degraded" } }), stalled(none, times.finished), {
      events: [quota],
    });
    expect(judgement).toMatchObject(
      fails("degraded", /timed out progressing\. ReplicaSet guests-api-2: FailedCreate: exceeded quota: guests\.$/),
    );
  });

  it("where something is Degraded, unless that may pass", () => {
    const degraded = (kind: string, message: string) =>
      judged(
        applicationOf({
          health: { status: "Degraded", lastTransitionTime: times.finished },
          resources: [deployment, unhealthy(kind, "guests", "Degraded", message)],
        }),
        live,
      );
    expect(degraded("ExternalSecret", "no such secret")).toMatchObject(
      fails("degraded", /^Its health became Degraded\. ExternalSecret guests: Degraded: no such secret\.$/),
    );
    expect(degraded("HorizontalPodAutoscaler", "unable to get metrics")).toMatchObject({
      state: "waiting",
      causes: [says("metrics", 180, /unable to get metrics/)],
    });
  });

  it("where the sync failed", () => {
    const state = operation("Failed", commits.ours, {
      syncResult: {
        revision: commits.ours,
        resources: [
          { kind: "Ingress", namespace, name: "a", status: "SyncFailed", message: "not permitted in project apps" },
        ],
      },
      message: "one or more synchronization tasks are not valid",
    });
    expect(judged(applicationOf({ operationState: state }), oldOnly)).toMatchObject(
      fails("sync-failed", /not valid\. Ingress a: SyncFailed: not permitted in project apps\.$/),
    );
  });
});
