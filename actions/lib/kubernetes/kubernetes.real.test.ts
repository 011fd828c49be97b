import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiServer, startApiServer } from "../../../scripts/rehearsal/cluster/api-server.ts";
import { type Kubernetes, openKubernetes } from "./kubernetes.ts";
import { type KubernetesObject } from "./objects.ts";

const configMaps = "/api/v1/namespaces/default/configmaps";
let folder: string;
let server: ApiServer;
let cluster: Kubernetes;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-kubernetes-"));
  server = await startApiServer({ folder: join(folder, "cluster"), log: join(folder, "log") });
  cluster = openKubernetes(server.access);
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const configMap = (name: string, value: string) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name },
  data: { value },
});
const valueOf = (object: KubernetesObject | undefined) => (object?.data as { value?: string } | undefined)?.value;

it("makes, reads, changes and removes an object, and sees each change at once", async () => {
  const controller = new AbortController();
  const values: (string | undefined)[] = [];
  const followed = cluster.follow(configMaps, {
    query: { fieldSelector: "metadata.name=one" },
    signal: controller.signal,
    onChange(items) {
      values.push(valueOf(items.get("default/one")));
      if (values.length === 5) controller.abort();
    },
  });
  const seen = async (count: number) => expect.poll(() => values.length, { timeout: 10_000 }).toBe(count);
  await seen(1);
  await cluster.create(configMaps, configMap("one", "für"));
  await seen(2);
  await cluster.patch(`${configMaps}/one`, { data: { value: "merged" } });
  await seen(3);
  const read = await cluster.get(`${configMaps}/one`);
  await cluster.replace(`${configMaps}/one`, { ...read, data: { value: "replaced" } });
  await seen(4);
  await expect(cluster.replace(`${configMaps}/one`, { ...read, data: {} })).rejects.toMatchObject({ status: 409 });
  await cluster.delete(`${configMaps}/one`);
  await followed;
  expect(values).toEqual([undefined, "für", "merged", "replaced", undefined]);
});

it("applies on the server's side, as one field manager among others", async () => {
  const path = `${configMaps}/applied`;
  await cluster.patch(`${path}?fieldManager=another`, configMap("applied", "theirs"), "apply");
  await expect(cluster.patch(path, configMap("applied", "ours"), "apply")).rejects.toMatchObject({
    message: expect.stringMatching(/conflict with "another"/),
  });
  expect(valueOf(await cluster.patch(`${path}?force=true`, configMap("applied", "ours"), "apply"))).toBe("ours");
});

it("reads a list of more than one page", async () => {
  const names = Array.from({ length: 520 }, (_, index) => `many-${index}`);
  for (let from = 0; from < names.length; from += 40)
    await Promise.all(
      names.slice(from, from + 40).map((name) => cluster.create(configMaps, configMap(name, "ü".repeat(100)))),
    );
  const { items } = await cluster.list(configMaps);
  const found = items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith("many-"));
  expect(found.sort()).toEqual(names.sort());
});

it("gives up at once on a token that is refused and on a certificate of another authority", async () => {
  const stranger = openKubernetes({ ...server.access, token: async () => "another" });
  await expect(stranger.list(configMaps)).rejects.toMatchObject({ status: 401, reason: "cluster-refused" });
  const distrustful = openKubernetes({ ...server.access, certificateAuthority: rootCertificates[0] ?? "" });
  await expect(distrustful.list(configMaps)).rejects.toMatchObject({ status: 0, reason: "cluster-untrusted" });
});
