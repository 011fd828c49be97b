import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type Application, applicationSetsPath, applicationsPath } from "../../argocd/application.ts";
import { run } from "../../core/process.ts";
import { refreshApplications } from "../../argocd/refresh.ts";
import { type ClusterFixture, eventually, openClusterFixture } from "../../../testing/lifecycle/down/fixture.ts";
import { nothingInAws } from "../../../testing/lifecycle/down/fixture-aws.ts";
import { recordChanges } from "../../../testing/lifecycle/down/fixture-cluster.ts";
import { podSpec } from "../../../testing/lifecycle/down/fixture-repository.ts";

let fixture: ClusterFixture;
beforeAll(async () => {
  fixture = await openClusterFixture();
}, 3_600_000);
afterAll(() => fixture[Symbol.asyncDispose]());
beforeEach(() => fixture.up());

const guests = "/api/v1/namespaces/guests";
const service = `${guests}/services/guests-nginx`;
const deployments = "/apis/apps/v1/namespaces/guests/deployments";
const deployment = `${deployments}/guests-nginx`;
const uidOf = async (path: string) => (await fixture.kubernetes.get(path))?.metadata.uid;

/** Deletes something, and waits until somebody has made it again. */
async function comesBack(path: string): Promise<void> {
  const before = await uidOf(path);
  await fixture.kubernetes.delete(path);
  await eventually(`${path} comes back`, async () => {
    const uid = await uidOf(path);
    return uid !== undefined && uid !== before;
  });
}

it("leaves nobody who brings back what goes: not the root, not the set, not selfHeal", async () => {
  await comesBack(`${applicationSetsPath}/apps`);
  await comesBack(deployment);
  await fixture.up();
  const paths = [applicationsPath, applicationSetsPath, deployments, `${guests}/services`];
  await using recorder = await recordChanges(fixture.kubernetes, paths);
  const { stages, error } = await fixture.down({ until: "apps" });
  expect(error).toBeUndefined();
  expect(stages).toEqual(["delivery: gone", "apps: gone"]);
  // Argo CD lives, and would have had its time; a comparison that is due comes within seconds.
  await sleep(4_000);
  expect(recorder.made).toEqual([]);
  const order = recorder.gone.filter((each) => each.startsWith("application"));
  expect(order).toEqual(["applications argocd/slipway", "applicationsets argocd/apps", "applications argocd/guests"]);
  const { cluster, aws } = await fixture.list();
  expect(cluster.filter((each) => / guests\/(?!data-)/.test(each))).toEqual([]);
  expect(aws).toEqual({ ...nothingInAws, volumes: ["1 GB"] });
});

/** The phases of the app's operation, as they come. */
function recordPhases(): { phases: string[] } & AsyncDisposable {
  const stop = new AbortController();
  const phases: string[] = [];
  const following = fixture.kubernetes.follow<Application>(applicationsPath, {
    signal: stop.signal,
    onChange(items) {
      const { phase, message = "" } = items.get("argocd/guests")?.status?.operationState ?? {};
      const text = `${phase}: ${message}`;
      if (phase !== undefined && phases.at(-1) !== text) phases.push(text);
    },
  });
  return {
    phases,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await following;
    },
  };
}

it("ends a sync that never would, then deletes", async () => {
  const annotations = { "argocd.argoproj.io/hook": "Sync" };
  const template = { spec: { ...podSpec("guests-web"), restartPolicy: "Never" } };
  // A hook alone is not a difference that Argo CD would sync.
  const changed = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "changed" } };
  await fixture.repository.push({
    "changed.yaml": changed,
    "hook.yaml": {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "endless", annotations },
      spec: { template },
    },
  });
  await refreshApplications(fixture.kubernetes, ["guests"]);
  const job = "/apis/batch/v1/namespaces/guests/jobs/endless";
  await eventually("the hook runs", async () => (await fixture.kubernetes.get(job)) !== undefined);
  await fixture.application(({ status }) => status?.operationState?.phase === "Running");
  await using record = recordPhases();
  const { stages, error } = await fixture.down({ until: "apps" });
  expect(error).toBeUndefined();
  expect(stages).toEqual(["delivery: gone", "apps: gone"]);
  expect(record.phases.at(-1)).toMatch(/^Failed: Operation terminated/);
  expect(await fixture.kubernetes.get(job)).toBeUndefined();
  expect((await fixture.list()).aws).toEqual({ ...nothingInAws, volumes: ["1 GB"] });
});

it("ends a sync that waits for its next attempt, then deletes", async () => {
  // No Service may have this address.
  const spec = { clusterIP: "203.0.113.1", ports: [{ port: 80 }] };
  await fixture.repository.push({
    "refused.yaml": { apiVersion: "v1", kind: "Service", metadata: { name: "refused" }, spec },
  });
  await refreshApplications(fixture.kubernetes, ["guests"]);
  await fixture.application(
    ({ status }) => status?.operationState?.phase === "Running" && status.operationState.finishedAt !== undefined,
  );
  await using record = recordPhases();
  const { stages, error } = await fixture.down({ until: "apps" });
  expect(error).toBeUndefined();
  expect(stages).toEqual(["delivery: gone", "apps: gone"]);
  expect(record.phases.at(-1)).toMatch(/^Failed: Operation terminated/);
  expect((await fixture.list()).aws).toEqual({ ...nothingInAws, volumes: ["1 GB"] });
});

const webhooks = "/apis/admissionregistration.k8s.io/v1";

async function makeWebhook(kind: string, name: string, more: object): Promise<void> {
  await fixture.kubernetes.create(`${webhooks}/${kind.toLowerCase()}s`, {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind,
    metadata: { name },
    webhooks: [{ name: `${name}.example.org`, admissionReviewVersions: ["v1"], sideEffects: "None", ...more }],
  });
}

const everything = [
  { apiGroups: [""], resources: ["services", "namespaces", "persistentvolumeclaims"] },
  { apiGroups: ["argoproj.io"], resources: ["*"] },
].map((rule) => ({ ...rule, apiVersions: ["*"], operations: ["*"] }));
const nobody = { service: { namespace: "guests", name: "nobody" } };

/** Makes a webhook that nothing answers for, and waits until nothing can be deleted any more. */
async function refuseEverything(): Promise<void> {
  const more = { clientConfig: nobody, failurePolicy: "Fail", rules: everything };
  await makeWebhook("ValidatingWebhookConfiguration", "refuses", more);
  const args = ["delete", "namespace/guests", "--dry-run=server"];
  await eventually("a refusal", async () => {
    const { stderr } = await run("kubectl", [`--kubeconfig=${fixture.kubeconfig}`, ...args], { okCodes: [0, 1] });
    return stderr.includes("failed calling webhook");
  });
}

it("removes a webhook that refuses everything, because nothing answers for it, whenever it comes, and no other", async () => {
  await makeWebhook("ValidatingWebhookConfiguration", "ignored", {
    clientConfig: nobody,
    failurePolicy: "Ignore",
    timeoutSeconds: 1,
    rules: everything,
  });
  const others = [{ apiGroups: ["example.org"], apiVersions: ["*"], resources: ["*"], operations: ["*"] }];
  await makeWebhook("MutatingWebhookConfiguration", "of-eks", {
    clientConfig: { url: "https://127.0.0.1:1/" },
    failurePolicy: "Fail",
    rules: others,
  });
  const removed = ["Removed the webhook configuration refuses: nothing answers for it, and it refuses everything."];
  const removals = (told: readonly string[]) => told.filter((each) => each.startsWith("Removed"));
  for (const [until, stages] of [
    ["delivery", ["delivery: gone"]],
    ["apps", ["delivery: none", "apps: gone"]],
    ["volumes", ["delivery: none", "apps: none", "volumes: gone"]],
  ] as const) {
    await refuseEverything();
    const outcome = await fixture.down({ until });
    expect(outcome).toMatchObject({ error: undefined, stages });
    expect(removals(outcome.told)).toEqual(removed);
  }
  const { cluster, aws } = await fixture.list();
  expect(aws).toEqual(nothingInAws);
  const left = ["mutatingwebhookconfigurations of-eks", "validatingwebhookconfigurations ignored"];
  expect(cluster.flatMap((each) => /^\S*webhook\S* \S+/.exec(each)?.[0] ?? [])).toEqual(left);
  for (const each of left) await fixture.kubernetes.delete(`${webhooks}/${each.replace(" ", "/")}`);
});

it("stops where Argo CD's controller is dead, says so, and goes on once it is back", async () => {
  await fixture.argocd.stop("argocd-application-controller");
  const { stages, error } = await fixture.down({ seconds: { apps: 4 } });
  expect(stages).toEqual(["delivery: gone", "apps: failed"]);
  expect(error).toMatchObject({
    stage: "apps",
    reason: "teardown-deadline",
    message: expect.stringContaining(
      "Application argocd/guests: waits for argocd-application-controller, of which no pod is ready",
    ),
    next: expect.stringContaining("Bring it back (kubectl -n argocd get pods)"),
  });
  // Nothing is stripped: the Application still knows what it has to delete.
  const application = await fixture.kubernetes.get(`${applicationsPath}/guests`);
  expect(application?.metadata.finalizers).toEqual(["resources-finalizer.argocd.argoproj.io"]);
  expect(await uidOf(deployment)).toBeDefined();
  expect((await fixture.list()).aws).toMatchObject({ balancers: [expect.any(String)], volumes: ["1 GB"] });

  await fixture.argocd.start("argocd-application-controller");
  expect(await fixture.down({ until: "apps" })).toMatchObject({
    error: undefined,
    stages: ["delivery: none", "apps: gone"],
  });
  expect((await fixture.list()).aws).toEqual({ ...nothingInAws, volumes: ["1 GB"] });
});

it("stops while a load balancer's controller is dead, naming the Service, and goes on once it is back", async () => {
  await fixture.controllers.stop("load-balancers");
  const { stages, error } = await fixture.down({ seconds: { apps: 6 } });
  expect(stages).toEqual(["delivery: gone", "apps: failed"]);
  const finalizer = "service.kubernetes.io/load-balancer-cleanup";
  expect(error).toMatchObject({
    stage: "apps",
    reason: "teardown-deadline",
    message: expect.stringMatching(
      new RegExp(`^Service guests/guests-nginx: is being deleted since \\S+, held by .*${finalizer}`, "m"),
    ),
    next: expect.stringContaining("The controller of load balancers takes its finalizer away"),
  });
  expect((await fixture.kubernetes.get(service))?.metadata.finalizers).toContain(finalizer);
  const { aws } = await fixture.list();
  expect(aws).toMatchObject({ balancers: [expect.any(String)], targetGroups: [expect.any(String)] });
  expect(aws.interfaces).toHaveLength(2);

  fixture.controllers.start("load-balancers");
  expect(await fixture.down()).toMatchObject({
    error: undefined,
    stages: ["delivery: none", "apps: gone", "volumes: gone", "argocd: gone"],
  });
  expect(await fixture.list()).toEqual({ cluster: [], aws: nothingInAws });
  expect(fixture.failures).toEqual([]);
});
