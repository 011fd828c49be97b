import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiServer, startApiServer } from "../../../scripts/rehearsal/cluster/api-server.ts";
import { argocdRepository } from "../../../scripts/rehearsal/cluster/argocd/repository.ts";
import { type Kubernetes, openKubernetes } from "../kubernetes/kubernetes.ts";
import { type KubernetesObject } from "../kubernetes/objects.ts";
import { applicationsPath } from "./application.ts";
import type { ClusterFacts } from "./cluster-facts.ts";
import { installArgoCd } from "./install.ts";
import type { Pod } from "./objects.ts";

const repository = join(import.meta.dirname, "../../..");
const world = new AsyncDisposableStack();
let folder: string;
let server: ApiServer;
let kubernetes: Kubernetes;
const lines: string[] = [];
const summaries: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-argocd-test-"));
  world.defer(() => rm(folder, { recursive: true, force: true }));
  Object.assign(process.env, await argocdRepository(join(folder, "git")), { RUNNER_TEMP: folder });
  server = world.use(
    await startApiServer({ folder: join(folder, "cluster"), log: join(folder, "compiler.log"), controllers: true }),
  );
  kubernetes = openKubernetes(server.access);
});
afterAll(() => world.disposeAsync());

/** Installs; its deadline has passed as soon as it tells that it waits for `late`. */
const install = (late?: RegExp, facts?: ClusterFacts) => {
  lines.length = 0;
  summaries.length = 0;
  const deadline = new AbortController();
  return installArgoCd({
    kubernetes,
    access: server.access,
    repository,
    environment: "dev",
    facts,
    signal: AbortSignal.any([deadline.signal, AbortSignal.timeout(200_000)]),
    report: {
      line(text) {
        lines.push(text);
        if (late?.test(text)) deadline.abort("deadline");
      },
      phase: (_, work) => work(),
      summary: async (text) => void summaries.push(text),
    },
  });
};

/** Follows a path until it is disposed of. */
function followed(path: string, onChange: (items: readonly KubernetesObject[]) => void): AsyncDisposable {
  const stop = new AbortController();
  const over = kubernetes.follow(path, { signal: stop.signal, onChange: (items) => onChange([...items.values()]) });
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await over;
    },
  };
}

async function tellEvent(pod: string, message: string): Promise<void> {
  await kubernetes.create("/api/v1/namespaces/argocd/events", {
    metadata: { generateName: pod },
    involvedObject: { kind: "Pod", namespace: "argocd", name: pod },
    type: "Warning",
    reason: "Failed",
    message,
  });
}

/** Does for pods what a node would: says that they are ready, or that their image is not there. */
const playNode = (images: (image: string) => boolean) =>
  followed("/api/v1/namespaces/argocd/pods", (pods) => {
    for (const { metadata, spec, status } of pods as unknown as Pod[]) {
      const [container] = spec.containers;
      const there = images(container?.image ?? "");
      const told = status?.containerStatuses?.[0];
      if (!container || (told && told.ready === there)) continue;
      const state = there
        ? { running: { startedAt: new Date().toISOString() } }
        : { waiting: { reason: "ImagePullBackOff", message: "manifest unknown" } };
      const is = there ? "True" : "False";
      if (!there) void tellEvent(metadata.name, "manifest unknown");
      void kubernetes.patch(`/api/v1/namespaces/argocd/pods/${metadata.name}/status`, {
        status: {
          phase: there ? "Running" : "Pending",
          conditions: ["Ready", "ContainersReady"].map((type) => ({ type, status: is })),
          containerStatuses: [
            { name: container.name, image: container.image, imageID: "", ready: there, restartCount: 0, state },
          ],
        },
      });
    }
  });

/** Does for the Application what Argo CD's controller would, each time when it is asked to look. */
const playArgoCd = () =>
  followed(applicationsPath, (applications) => {
    for (const { metadata } of applications)
      if (metadata.annotations?.["argocd.argoproj.io/refresh"])
        void kubernetes.patch(`${applicationsPath}/${metadata.name}`, {
          metadata: { annotations: { "argocd.argoproj.io/refresh": null } },
          status: {
            sync: { status: "Synced", comparedTo: { source: { repoURL: "x" }, destination: {} } },
            health: { status: "Healthy" },
          },
        });
  });

/** The version of every object that only the installation changes. */
async function versions(): Promise<string[]> {
  const folders = ["/api/v1/namespaces/argocd/configmaps", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"];
  const namespaced = [
    "rbac.authorization.k8s.io/v1/namespaces/argocd/roles",
    "networking.k8s.io/v1/namespaces/argocd/networkpolicies",
  ];
  const lists = await Promise.all(
    [...folders, ...namespaced.map((path) => `/apis/${path}`)].map((path) => kubernetes.list(path)),
  );
  return lists.flatMap(({ items }) => items.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`));
}

async function addNode(): Promise<void> {
  await kubernetes.create("/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata: { name: "node-1" } });
}

let heartbeat: NodeJS.Timeout | undefined;

/** Says how the node is, again and again as a kubelet does: one that says nothing for 50 s is taken for lost. */
async function setReady(status: "True" | "False", message: string): Promise<void> {
  const lastTransitionTime = new Date().toISOString();
  const beat = async () => {
    const condition = {
      type: "Ready",
      status,
      message,
      lastHeartbeatTime: new Date().toISOString(),
      lastTransitionTime,
    };
    await kubernetes.patch("/api/v1/nodes/node-1/status", { status: { conditions: [condition] } });
  };
  clearInterval(heartbeat);
  await beat();
  heartbeat = setInterval(() => void beat().catch(() => {}), 10_000);
  world.defer(() => clearInterval(heartbeat));
}

test("a cluster without a ready node is waited for, and named when it stays so", async () => {
  await expect(install(/^Waiting: no node/)).rejects.toMatchObject({
    reason: "argocd-not-healthy",
    message: expect.stringMatching(/^Argo CD is not healthy in time: no node of the cluster is ready\.$/m),
  });
  await addNode();
  await setReady("False", "container runtime network not ready");
  await expect(install(/^Waiting: no node/)).rejects.toThrow(
    "no node of the cluster is ready (node-1: container runtime network not ready)",
  );
});

test("pods that do not come up are named, with the reason", async () => {
  await setReady("True", "");
  await using _ = playNode((image) => !image.includes("redis"));
  await expect(install(/^Waiting: argocd-redis has 0 of 1 pods available\.$/)).rejects.toMatchObject({
    reason: "argocd-not-healthy",
    message: expect.stringMatching(
      /argocd-redis has 0 of 1 pods available\.\nPod argocd-redis-\S+, container redis, cannot pull its image \(ImagePullBackOff: manifest unknown\)[^]*\nEvents of argocd\/argocd-redis-\S+:\n {2}Warning Failed: manifest unknown/,
    ),
  });
  expect(summaries.join()).toContain("environment dev not installed");
});

test("the next run goes on: Argo CD is up, and its own settings are Argo CD's", async () => {
  await using _node = playNode(() => true);
  await using _argocd = playArgoCd();
  const told = async () => {
    const secret = await kubernetes.get("/api/v1/namespaces/argocd/secrets/in-cluster");
    const { "slipway.dev/domain": domain, "slipway.dev/certificate": certificate } = secret?.metadata.annotations ?? {};
    return { domain, certificate };
  };
  const facts = { domain: "dev.example.com", certificate: "arn:aws:acm:us-east-1:123456789012:certificate/1" };
  const installed = await install(undefined, facts);
  expect(await told(), "what the ApplicationSet reads").toEqual(facts);
  expect(installed.version).toMatch(/^v\d+\.\d+\.\d+$/);
  expect(installed.objects).toBeGreaterThan(40);
  const applied = lines.flatMap((line) => /^Applied gitops\/bootstrap\/(\w+)/.exec(line)?.[1] ?? []);
  expect(applied, "the guards hold before there is anything to guard").toEqual(["guards", "argocd", "dev"]);
  const policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";
  const bound = (await kubernetes.list(policies)).items.map(({ metadata }) => metadata.name);
  expect(bound).toContain("slipway-verify");
  expect(summaries.join()).toContain(`| ${installed.version} | ${installed.objects} |`);
  expect((await readdir(folder)).filter((name) => name.startsWith("slipway-kubectl-"))).toEqual([]);
  const application = await kubernetes.get(`${applicationsPath}/slipway`);
  const { managedFields } = application?.metadata as { managedFields?: { manager: string; operation: string }[] };
  const owners = managedFields?.filter(({ operation }) => operation === "Apply").map(({ manager }) => manager);
  expect(owners, "whoever else owned a field would keep Argo CD from removing it").toEqual(["argocd-controller"]);

  const before = await versions();
  expect(await install()).toEqual(installed);
  expect(await versions(), "installed again, nothing changes").toEqual(before);
  expect(await told(), "without a domain, nothing is left of one").toEqual({ domain: "", certificate: "" });
});

test("a cancelled job stops it at once", async () => {
  const report = { line: () => {}, phase: <T>(_: string, work: () => Promise<T>) => work(), summary: async () => {} };
  const options = { kubernetes, access: server.access, repository, environment: "dev", report };
  await expect(installArgoCd({ ...options, signal: AbortSignal.abort("cancelled") })).rejects.toMatchObject({
    reason: "cancelled",
  });
});
