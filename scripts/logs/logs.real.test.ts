import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { temporaryFolder } from "@slipway/kit/testing/process.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { applicationsPath } from "../../actions/lib/argocd/application.ts";
import { installArgocd } from "../../actions/testing/argocd/argocd.ts";
import type { Pod } from "../../actions/lib/argocd/objects.ts";
import { type Kubernetes, openKubernetes } from "../../actions/lib/kubernetes/kubernetes.ts";
import { type ApiServer, startApiServer } from "../rehearsal/cluster/api-server.ts";
import { close, listen } from "../rehearsal/tools/listening.ts";
import { findPods } from "./app.ts";
import type { LogLine } from "./containers.ts";
import { followLogs } from "./follow.ts";
import { readLogs } from "./read.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: ApiServer;
let kubelet: Server;
let kubernetes: Kubernetes;

/** What the node says of each container: its lines so far, and the answers that wait for more. */
const spoken = new Map<string, string[]>();
const waiting = new Map<string, ServerResponse[]>();
const asked: string[] = [];

/** A node that runs nothing: of a kubelet, only the address that the API server asks for logs. */
async function startKubelet(certificates: string): Promise<number> {
  const [cert, key] = await Promise.all(["crt", "key"].map((end) => readFile(join(certificates, `apiserver.${end}`))));
  kubelet = createServer({ cert, key }, (request, response) => {
    const url = new URL(request.url ?? "", "https://localhost");
    const name = url.pathname.replace("/containerLogs/", "");
    asked.push(`${name}?${url.searchParams.toString()}`);
    const tail = Number(url.searchParams.get("tailLines") ?? Number.POSITIVE_INFINITY);
    const lines = (spoken.get(name) ?? []).slice(-tail);
    response.write(lines.map((line) => `${line}\n`).join(""));
    if (url.searchParams.get("follow") === "true") waiting.set(name, [...(waiting.get(name) ?? []), response]);
    else response.end();
  });
  return listen(kubelet);
}

async function makePod(component: string, name: string, restartCount = 0): Promise<void> {
  const pods = "/api/v1/namespaces/demo/pods";
  const labels = { "app.kubernetes.io/name": `demo-${component}` };
  const spec = { nodeName: "node", containers: [{ name: "main", image: "demo" }] };
  const pod = await kubernetes.create<Pod>(pods, { metadata: { name, labels }, spec });
  const state = { running: { startedAt: new Date().toISOString() } };
  const status = { name: "main", image: "demo", imageID: "demo@sha256:0", ready: true, restartCount, state };
  const body = { ...pod, status: { phase: "Running", containerStatuses: [status] } };
  await kubernetes.replace(`${pods}/${name}/status`, body);
}

beforeAll(async () => {
  folder = await temporaryFolder("logs");
  const own = join(folder.path, "api-server");
  server = await startApiServer({ folder: own, log: join(folder.path, "compiler.log") });
  kubernetes = openKubernetes(server.access);
  const Port = await startKubelet(join(own, "certificates"));
  const node = await kubernetes.create<object>("/api/v1/nodes", { metadata: { name: "node" } });
  const addresses = [{ type: "InternalIP", address: "127.0.0.1" }];
  const status = { addresses, daemonEndpoints: { kubeletEndpoint: { Port } } };
  await kubernetes.replace("/api/v1/nodes/node/status", { ...node, status });
  await kubernetes.create("/api/v1/namespaces", { metadata: { name: "demo" } });
  await installArgocd(kubernetes);
  await kubernetes.create(applicationsPath, {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Application",
    metadata: { name: "demo" },
    spec: { project: "apps", destination: { namespace: "demo" } },
  });
  await makePod("api", "demo-api-1");
  await makePod("web", "demo-web-1", 1);
});

afterAll(async () => {
  await close(kubelet);
  await server.stop();
  await folder[Symbol.asyncDispose]();
});

const say = (pod: string, ...lines: string[]) => {
  const name = `demo/${pod}/main`;
  spoken.set(name, [...(spoken.get(name) ?? []), ...lines]);
  for (const response of waiting.get(name) ?? []) response.write(lines.map((line) => `${line}\n`).join(""));
};
const at = (second: number) => `2026-01-01T00:00:0${second}.000000000Z`;

it("shows what all pods say in the order of time, or one component's last lines", async () => {
  say("demo-api-1", `${at(1)} one`, `${at(3)} three`);
  say("demo-web-1", `${at(2)} two\r`, `${at(4)} `);
  const { pods } = await findPods(kubernetes, "demo");
  const all = await readLogs(kubernetes, pods, { tail: 50 });
  expect(all).toEqual([
    { time: at(1), pod: "demo-api-1", container: "main", line: "one" },
    { time: at(2), pod: "demo-web-1", container: "main", line: "two" },
    { time: at(3), pod: "demo-api-1", container: "main", line: "three" },
    { time: at(4), pod: "demo-web-1", container: "main", line: "" },
  ]);
  const api = await findPods(kubernetes, "demo", "api");
  expect((await readLogs(kubernetes, api.pods, { tail: 1 })).map(({ line }) => line)).toEqual(["three"]);
  asked.length = 0;
  await readLogs(kubernetes, pods, { tail: 5, previous: true });
  expect(asked).toEqual([expect.stringMatching(/^demo\/demo-web-1\/main\?.*previous=true/)]);
});

it("says which apps and components there are", async () => {
  await expect(findPods(kubernetes, "stall")).rejects.toMatchObject({ next: "Allowed: demo." });
  await expect(findPods(kubernetes, "demo", "queue")).rejects.toMatchObject({ next: "Allowed: api, web." });
});

it("follows pods that come later, and a container again after its connection broke", async () => {
  const seen: LogLine[] = [];
  const stop = new AbortController();
  const lines = () => seen.map(({ pod, line }) => `${pod} ${line}`);
  const { namespace, labelSelector } = await findPods(kubernetes, "demo", "api");
  const following = followLogs(kubernetes, {
    namespace,
    labelSelector,
    tail: 1,
    signal: stop.signal,
    onLine: async (line) => void seen.push(line),
  });
  await expect.poll(lines).toEqual(["demo-api-1 three"]);
  await makePod("api", "demo-api-2");
  say("demo-api-2", `${at(5)} hello`);
  await expect.poll(lines).toContain("demo-api-2 hello");

  for (const response of waiting.get("demo/demo-api-2/main") ?? []) response.destroy();
  waiting.clear();
  say("demo-api-2", `${at(6)} again`);
  await expect.poll(lines, { timeout: 10_000 }).toContain("demo-api-2 again");
  expect(lines().filter((line) => line === "demo-api-2 hello")).toHaveLength(1);
  stop.abort();
  await following;
});
