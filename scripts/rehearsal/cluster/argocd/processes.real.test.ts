import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test, vi } from "vitest";
import { openKubernetes } from "../../../../actions/lib/kubernetes/kubernetes.ts";
import { processesOf } from "../../world/cleanup.ts";
import { startApiServer } from "../api-server.ts";
import { startArgocdProcesses } from "./processes.ts";

const parts = new AsyncDisposableStack();
afterAll(() => parts.disposeAsync());

async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await check())) {
    await sleep(50);
    if (Date.now() > end) throw new Error(`not within 30 s: ${what}`);
  }
}

interface ReportedPod {
  status?: { conditions?: { type: string; status: string }[] };
}

test("a program runs as long as its pod is there and it may, and the pod says so", async () => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-processes-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const log = join(folder, "compiler.log");
  const server = parts.use(await startApiServer({ folder: join(folder, "cluster"), log }));
  const kubernetes = openKubernetes(server.access);
  vi.stubEnv("SLIPWAY_WORLD", folder);
  parts.defer(() => void vi.unstubAllEnvs());
  const options = { kubernetes, kubeconfig: server.kubeconfig, folder: join(folder, "argocd"), log };
  await using argocd = await startArgocdProcesses(options);
  expect(await processesOf(folder)).toEqual([]);

  const pods = "/api/v1/namespaces/argocd/pods";
  const container = { name: "repo-server", image: "argocd" };
  await kubernetes.create("/api/v1/namespaces", { metadata: { name: "argocd" } });
  await kubernetes.create(pods, {
    metadata: { name: "argocd-repo-server-1", labels: { "app.kubernetes.io/name": "argocd-repo-server" } },
    spec: { containers: [container] },
  });
  const says = async (status: string) => {
    const pod = await kubernetes.get<ReportedPod>(`${pods}/argocd-repo-server-1`);
    return pod?.status?.conditions?.some((each) => each.type === "Ready" && each.status === status) ?? false;
  };
  await until("the pod is ready", () => says("True"));
  expect(await processesOf(folder)).toHaveLength(1);

  await argocd.stop("argocd-repo-server");
  expect(await says("False")).toBe(true);
  expect(await processesOf(folder)).toEqual([]);
  await argocd.start("argocd-repo-server");
  expect(await says("True")).toBe(true);
  expect(await processesOf(folder)).toHaveLength(1);

  await kubernetes.delete(`${pods}/argocd-repo-server-1`);
  await until("the program ends with its pod", async () => (await processesOf(folder)).length === 0);
});
