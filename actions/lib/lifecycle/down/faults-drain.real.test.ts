import { EKS } from "@aws-sdk/client-eks";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { evictPods } from "../../../../scripts/rehearsal/aws/node-drain.ts";
import { startApiServer } from "../../../../scripts/rehearsal/cluster/api-server.ts";
import { now, until } from "../../../testing/argocd/node.ts";
import { type Kubernetes, openKubernetes } from "../../kubernetes/kubernetes.ts";
import { openTeardown } from "../../../teardown/teardown.ts";
import { openTeardownWorld, type TeardownWorld } from "../../../testing/teardown/teardown.ts";
import { clusterDown } from "./cluster.ts";
import { type DownRecord, takeDown } from "./stage-down.ts";
import { playReadyNode } from "../../../testing/lifecycle/down/fixture-cluster.ts";

const end = new AsyncDisposableStack();
let world: TeardownWorld;
let kubernetes: Kubernetes;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-drain-"));
  end.defer(() => rm(folder, { recursive: true, force: true }));
  const log = join(folder, "compiler.log");
  const server = end.use(await startApiServer({ folder: join(folder, "cluster"), log, controllers: true }));
  kubernetes = openKubernetes(server.access);
  world = end.use(await openTeardownWorld(evictPods(kubernetes)));
  await world.up("environment", "dev");
  end.use(await playReadyNode(kubernetes, "node-1", "us-east-1a"));
});
afterAll(() => end.disposeAsync());

const pod = "/api/v1/namespaces/team/pods/web-0";
const budget = "/apis/policy/v1/namespaces/team/poddisruptionbudgets/web";

/** A pod of somebody's that runs, and a budget that lets it not go. */
async function runProtectedPod(): Promise<void> {
  await kubernetes.create("/api/v1/namespaces", { metadata: { name: "team" } });
  await until(() => kubernetes.get("/api/v1/namespaces/team/serviceaccounts/default"));
  await kubernetes.create("/api/v1/namespaces/team/pods", {
    metadata: { name: "web-0", labels: { app: "web" } },
    spec: { nodeName: "node-1", containers: [{ name: "web", image: "web" }] },
  });
  const ready = { type: "Ready", status: "True", lastTransitionTime: now() };
  await kubernetes.patch(`${pod}/status`, { status: { phase: "Running", conditions: [ready] } });
  await kubernetes.create("/apis/policy/v1/namespaces/team/poddisruptionbudgets", {
    metadata: { name: "web" },
    spec: { minAvailable: 1, selector: { matchLabels: { app: "web" } } },
  });
  await until(async () => {
    const { status } = (await kubernetes.get(budget)) as { status?: { currentHealthy?: number } };
    return status?.currentHealthy === 1;
  });
}

/** Takes the cluster down, with so many minutes for it. */
async function down(minutes: number): Promise<DownRecord> {
  const record: DownRecord = { name: "cluster", result: "none", milliseconds: 0, found: [] };
  const cluster = () => Promise.resolve(kubernetes);
  const work = openTeardown(world.request({ cluster }), new AbortController().signal);
  await takeDown({ name: "cluster", down: { ...clusterDown, minutes } }, work, record, { shortest: 50, longest: 500 });
  return record;
}

it("names the budget and the pods that keep a node from being drained, and goes on", { timeout: 300_000 }, async () => {
  await runProtectedPod();
  await expect(down(0.6)).rejects.toMatchObject({
    reason: "teardown-deadline",
    message: expect.stringMatching(
      /node group demo-dev\/\S+: status DELETING[^]*PodDisruptionBudget team\/web: lets none of its pods go: team\/web-0/,
    ),
    next: expect.stringContaining("kubectl -n team delete poddisruptionbudget web"),
  });
  // Whose pod it is decides, and nobody else.
  expect(await kubernetes.get(pod)).toMatchObject({ metadata: { name: "web-0" } });
  await kubernetes.delete(budget);
  expect((await down(5)).result).toBe("gone");
  const eks = new EKS(world.aws);
  expect((await eks.listClusters({})).clusters).toEqual([]);
  eks.destroy();
});
