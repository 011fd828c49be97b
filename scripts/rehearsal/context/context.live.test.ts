import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { run } from "../../../actions/lib/core/process.ts";
import { ensureDocker } from "../docker/docker.ts";
import { inspectorOf } from "../live/checks.ts";
import { rehearse } from "../rehearsal.ts";
import { type ForeignCluster, startForeignCluster } from "./foreign-cluster.ts";

const context = "somebodys";
const [app = ""] = readdirSync(join(import.meta.dirname, "../../../gitops/apps"));
const source = join(import.meta.dirname, "..", "..", "..");
const parts = new AsyncDisposableStack();
let foreign: ForeignCluster;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-foreign-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const docker = parts.use(await ensureDocker({ log: join(folder, "dockerd.log") }));
  vi.stubEnv("DOCKER_HOST", docker.host);
  vi.stubEnv("PATH", `${dirname(docker.command)}:${process.env.PATH ?? ""}`);
  const kubeconfig = join(folder, "kubeconfig");
  vi.stubEnv("KUBECONFIG", kubeconfig);
  foreign = parts.use(await startForeignCluster(docker, context, kubeconfig, join(folder, "node.log")));
}, 30 * 60_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await parts.disposeAsync();
}, 120_000);

const kubectl = async (...args: string[]) =>
  (await run("kubectl", [`--context=${context}`, ...args])).stdout.split("\n").filter(Boolean);
/** The node's files that a rehearsal writes: where containerd finds its images, and what stands for volumes. */
const files = async () => {
  const containerd = "find /etc/containerd /var/lib/rancher/k3s/agent/etc/containerd -path '*.dkr.ecr.*' -type f";
  return foreign.exec(["sh", "-c", `{ ${containerd}; ls /var/lib/slipway-volumes; } 2>/dev/null || true`]);
};

it("delivers to a cluster that it did not make, and leaves that as it was", { timeout: 30 * 60_000 }, async () => {
  const namespaces = await kubectl("get", "namespaces", "--output=name");
  expect(namespaces).not.toContain("namespace/argocd");
  let url = "";
  const { checks } = await rehearse({
    source,
    until: "live",
    keep: false,
    context: { name: context },
    async stay(world) {
      url = await (await inspectorOf(world)).publicUrl(app);
      expect(await files()).toMatch(/certs.d\/000000000000.dkr.ecr.us-east-1.amazonaws.com\/hosts.toml\nvol-/);
      expect(await kubectl("get", "namespaces", "--output=name")).toContain(`namespace/${app}`);
    },
  });
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(checks.map(({ name }) => name)).toContain(`The cluster of ${context} is as it was before`);
  expect(url).toMatch(/^http:/);
  expect(await kubectl("get", "namespaces", "--output=name")).toEqual(namespaces);
  expect(await files()).toBe("");
});
