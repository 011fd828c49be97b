import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openKubernetes } from "../../../actions/lib/kubernetes/kubernetes.ts";
import { run } from "../../../actions/lib/core/process.ts";
import { processesOf } from "../world/cleanup.ts";
import { startApiServer } from "./api-server.ts";
import { ensureClusterPrograms } from "./programs.ts";

let folder: string;
let log: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-api-"));
  log = join(folder, "compiler.log");
  vi.stubEnv("SLIPWAY_WORLD", folder);
  await ensureClusterPrograms(log);
}, 3_600_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function until(done: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error("not within 30 s");
    await sleep(100);
  }
}

test("an API server starts in seconds, knows who asks, and leaves no process", async () => {
  await using server = await startApiServer({ folder: join(folder, "plain"), log });
  const { kubernetes, versions } = await ensureClusterPrograms(log);
  const cluster = openKubernetes(server.access);
  expect(await cluster.get("/version")).toMatchObject({ gitVersion: versions.kubernetes });
  const stranger = openKubernetes({ ...server.access, token: () => Promise.resolve("wrong") });
  await expect(stranger.get("/api/v1/namespaces")).rejects.toMatchObject({ status: 401 });

  await cluster.create("/api/v1/namespaces", { metadata: { name: "demo" } });
  const container = { name: "web", image: "web:1" };
  await cluster.create("/api/v1/namespaces/demo/pods", {
    metadata: { name: "web" },
    spec: { containers: [container] },
  });
  const kubectl = ["kubectl", `--kubeconfig=${server.kubeconfig}`, "get", "pods", "--all-namespaces", "--output=name"];
  const pods = await run(kubernetes, kubectl);
  expect(pods.stdout).toBe("pod/web\n");
  for (const file of ["kubeconfig", "tokens.csv", "service-accounts.key", "certificates/apiserver.key"])
    expect((await stat(join(folder, "plain", file))).mode & 0o77, file).toBe(0);

  expect(await processesOf(folder)).toHaveLength(2);
  await server.stop();
  expect(await processesOf(folder)).toEqual([]);
});

test("with controllers, a Deployment makes pods, and a namespace ends with all that is in it", async () => {
  await using server = await startApiServer({ folder: join(folder, "controlled"), log, controllers: true });
  const cluster = openKubernetes(server.access);
  await cluster.create("/api/v1/namespaces", { metadata: { name: "demo" } });
  const labels = { app: "web" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "web", image: "web:1" }] } };
  await cluster.create("/apis/apps/v1/namespaces/demo/deployments", {
    metadata: { name: "web" },
    spec: { replicas: 2, selector: { matchLabels: labels }, template },
  });
  const pods = () => cluster.list("/api/v1/namespaces/demo/pods");
  await until(async () => (await pods()).items.length === 2);
  await cluster.delete("/api/v1/namespaces/demo");
  await until(async () => (await cluster.get("/api/v1/namespaces/demo")) === undefined);
  expect((await pods()).items).toEqual([]);
  await server.stop();
  expect(await processesOf(folder)).toEqual([]);
});
