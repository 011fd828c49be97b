import { describe, expect, it } from "vitest";
import { deployment, event, held, namespace, says, unhealthy, unscheduled } from "../../../testing/argocd/causes.ts";
import { fails, fresh, judged, live, oldOnly, stalled } from "../../../testing/argocd/judgement.ts";
import { applicationOf, commits, deploymentOf, operation, times } from "../../../testing/argocd/objects.ts";

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
