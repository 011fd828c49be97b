import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { type ApiServer, startApiServer } from "../../scripts/rehearsal/cluster/api-server.ts";
import { startTcpProxy, type TcpProxy } from "../../scripts/rehearsal/cluster/tcp-proxy.ts";
import { type GitHubServer, startGitHub } from "../../scripts/rehearsal/github/github.ts";
import { applicationsPath } from "../lib/argocd/application.ts";
import { type ArgocdPlay, ArgocdPlayer, installArgocd } from "../testing/argocd/argocd.ts";
import { type Fate, NodePlayer, prepareApp, until } from "../testing/argocd/node.ts";
import { pinned } from "../testing/argocd/objects.ts";
import { type PinnedImage, renderImagesFile } from "../lib/gitops/images-file.ts";
import { overlayPaths } from "../lib/gitops/paths.ts";
import { startTestRemote, type TestRemote } from "../testing/gitops/remote.ts";
import { type Kubernetes, openKubernetes } from "../lib/kubernetes/kubernetes.ts";
import type { Proof } from "./proof.ts";
import { verify, type VerifyJob } from "./verify.ts";

const token = "a-token-of-github";
const paths = overlayPaths("guests", "dev");
const stack = new AsyncDisposableStack();
let folder: string;
let server: ApiServer;
let proxy: TcpProxy;
let remote: TestRemote;
let github: GitHubServer;
/** Behind a proxy, so that the server keeps its address when it is started again. */
let kubernetes: Kubernetes;
let argocd: ArgocdPlayer;
let version = 0;
/** What the played Argo CD finds in git. */
let current: { commit: string; image: PinnedImage };
const failures: unknown[] = [];
const play: ArgocdPlay = { head: async () => current, autoSync: true, gitAnswers: true, failures };
const fates = new Map<string, Fate>();
const lines: string[] = [];
const summaries: string[] = [];

const startServer = () =>
  startApiServer({ folder: join(folder, "cluster"), log: join(folder, "log"), controllers: true });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-verify-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  server = await startServer();
  stack.defer(() => server.stop());
  proxy = await startTcpProxy({
    host: "127.0.0.1",
    port: 0,
    target: async () => ({ host: "127.0.0.1", port: Number(new URL(server.access.server).port) }),
  });
  stack.defer(() => proxy.stop());
  kubernetes = openKubernetes({
    server: `https://127.0.0.1:${proxy.port}`,
    certificateAuthority: server.access.certificateAuthority,
    token: () => server.access.token(),
  });
  remote = stack.use(await startTestRemote(token));
  github = stack.use(await startGitHub({ repository: "demo/platform", token, gitDirectory: remote.folder }));
  vi.stubEnv("GITHUB_SERVER_URL", remote.server);
  vi.stubEnv("GITHUB_REPOSITORY", "demo/platform");
  vi.stubEnv("GITHUB_API_URL", github.endpoint);
  vi.stubEnv("GITHUB_RUN_ID", "7");
  await remote.edit({
    [paths.overlay]: "components: [images]\n",
    [paths.images]: renderImagesFile({ source: undefined, images: [] }),
    "gitops/apps/other/base/kustomization.yaml": "resources: []\n",
  });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await stack.disposeAsync();
});
beforeEach(() => {
  for (const each of [lines, summaries, github.violations, github.state.statuses, github.state.deployments])
    each.length = 0;
});
afterEach(async () => {
  expect(failures).toEqual([]);
  expect(lines.filter((line) => line.startsWith("warning"))).toEqual([]);
  expect(github.violations).toEqual([]);
});

/** Commits a new image of the app. @returns the commit and the image */
async function release() {
  version += 1;
  const image = pinned("guests-api", `v${version}`);
  const source = "5".repeat(40);
  const commit = await remote.edit({ [paths.images]: renderImagesFile({ source, images: [image] }) });
  return { commit, image };
}

/** The job as an action runs it; minutes may be parts of one. */
const job = (more: Partial<VerifyJob> = {}): VerifyJob => ({
  directory: remote.folder,
  environment: "dev",
  branch: "main",
  token,
  minutes: 1,
  proofFolder: folder,
  kubernetes: () => Promise.resolve(kubernetes),
  registry: () => Promise.resolve({ keysOf: () => Promise.resolve(["e".repeat(64)]) }),
  signal: new AbortController().signal,
  report: {
    line: (text) => lines.push(text),
    warning: (text) => lines.push(`warning: ${text}`),
    summary: async (markdown) => void summaries.push(markdown),
  },
  ...more,
});

const brief = (commit: string) => commit.slice(0, 7);
const states = () => github.state.statuses.map(({ state }) => state);

it("says that Argo CD is not installed", async () => {
  await release();
  await expect(verify(job())).rejects.toMatchObject({
    reason: "no-argocd",
    message: expect.stringMatching(/Argo CD is not installed: the cluster knows no Applications/),
  });
  expect(states()).toEqual(["in_progress", "failure"]);
});

it("proves a first release: asks for the Application, and follows it to its pods", async () => {
  await installArgocd(kubernetes);
  await prepareApp(kubernetes);
  current = await release();
  argocd = stack.use(new ArgocdPlayer(kubernetes, play));
  stack.use(new NodePlayer(kubernetes, { fates, failures }));
  await kubernetes.create("/api/v1/namespaces/guests/services", {
    metadata: { name: "guests-nginx" },
    spec: { type: "LoadBalancer", ports: [{ port: 80 }] },
  });
  await kubernetes.patch("/api/v1/namespaces/guests/services/guests-nginx/status", {
    status: { loadBalancer: { ingress: [{ hostname: "guests.example.org" }] } },
  });

  const { result, file } = await verify(job());
  expect(result).toBe("proven");
  const proof = JSON.parse(await readFile(file, "utf8")) as Proof;
  expect(proof).toMatchObject({
    environment: "dev",
    commit: current.commit,
    apps: [
      {
        app: "guests",
        source: "5".repeat(40),
        revision: current.commit,
        urls: ["http://guests.example.org/"],
        images: [{ name: "guests-api", digest: current.image.digest, keys: ["e".repeat(64)] }],
        pods: Array.from({ length: 2 }, () => ({
          workload: "Deployment guests-api",
          node: "node-1",
          containers: [{ container: "api", image: "guests-api", digest: current.image.digest }],
        })),
      },
    ],
    skipped: [{ app: "other", why: "it has no overlay for dev" }],
  });
  expect(lines).toContain("guests waiting for its Application");
  expect(lines.at(-1)).toBe(`guests is live at ${brief(current.commit)}`);
  expect(summaries.join()).toContain("| guests-api |");
  expect(github.state.deployments).toMatchObject([{ ref: current.commit, environment: "dev" }]);
  expect(github.state.statuses).toMatchObject([
    { state: "in_progress" },
    { state: "success", url: "http://guests.example.org/", log: `${remote.server}/demo/platform/actions/runs/7` },
  ]);
});

it("proves it again when nothing has changed, asking Argo CD for nothing", async () => {
  const before = await kubernetes.get(`${applicationsPath}/guests`);
  expect((await verify(job())).result).toBe("proven");
  expect((await kubernetes.get(`${applicationsPath}/guests`))?.metadata.resourceVersion).toBe(
    before?.metadata.resourceVersion,
  );
  expect(lines).toEqual([expect.any(String), expect.any(String), `guests is live at ${brief(current.commit)}`]);
});

it("never takes the old release for the new one, however healthy it is", async () => {
  const old = current;
  const { commit } = await release(); // Argo CD does not see it
  await expect(verify(job({ minutes: 0.05 }))).rejects.toMatchObject({
    reason: "deadline",
    message: expect.stringContaining(`guests is at ${brief(old.commit)}, not yet at ${brief(commit)} (`),
  });
  expect(states()).toEqual(["in_progress", "failure"]);
  expect(summaries.join()).toContain("**dev** is not proven.");
});

it("waits for a person where auto-sync is off, and sees the sync by hand", async () => {
  current = await release();
  play.autoSync = false;
  await kubernetes.patch(`${applicationsPath}/guests`, { spec: { syncPolicy: null } });
  const proven = verify(job());
  const stage = `guests is not synced to ${brief(current.commit)}, and auto-sync is off: sync it by hand`;
  await until(async () => lines.includes(stage));
  await argocd.sync();
  expect((await proven).result).toBe("proven");
  await kubernetes.patch(`${applicationsPath}/guests`, { spec: { syncPolicy: { automated: {} } } });
  play.autoSync = true;
});

it("is content with a later commit that keeps the digests, and gives way to one that does not", async () => {
  const own = await release();
  const unrelated = await remote.edit({ "README.md": "Another one.\n" });
  current = { commit: unrelated, image: own.image };
  const { result, proof } = await verify(job({ commit: own.commit }));
  expect(result).toBe("proven");
  expect(proof).toMatchObject({ commit: own.commit, apps: [{ revision: unrelated }] });

  current = await release();
  const late = await verify(job({ commit: own.commit }));
  expect(late).toMatchObject({ result: "superseded", proof: { superseded: [{ revision: current.commit }], apps: [] } });
  expect(states().at(-1)).toBe("inactive");
});

it("survives Argo CD losing git and the API server being started again", async () => {
  await verify(job());
  play.gitAnswers = false;
  current = await release();
  const proven = verify(job({ minutes: 2 }));
  await until(async () => lines.includes("guests cannot be compared with git"));
  await server.stop();
  await until(async () => lines.some((line) => line.startsWith("The cluster does not answer")));
  server = await startServer();
  play.gitAnswers = true;
  expect((await proven).result).toBe("proven");
});

it.each<[Fate, RegExp]>([
  ["crashes", /^guests: Pod guests-api-\w+-\w+, container api, crashes again and again \(exit code 7, 3 restarts\)\./],
  [
    "has no image",
    /^guests: Pod guests-api-\w+-\w+, container api, cannot pull its image \(ErrImagePull: .*not found\)\./,
  ],
])("fails at once when the new pod %s, and the old ones serve", async (fate, message) => {
  current = await release();
  fates.set(current.image.digest, fate);
  const error: unknown = await verify(job()).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    reason: fate === "crashes" ? "crash-loop" : "image-pull",
    message: expect.stringMatching(message),
  });
  expect((error as Error).message).toMatch(/^Earlier pods still serve: guests-api 2\.$/m);
  expect((error as Error).message).toMatch(/^ {2}Warning BackOff: Back-off restarting failed container \(4 times\)$/m);
  // Without a node there is no log, which is said and is not a failure of its own.
  expect((error as Error).message).toMatch(/the log cannot be read/);
  expect(states()).toEqual(["in_progress", "failure"]);
});

it("repairs: a good release after a bad one is proven, although it found it broken", async () => {
  current = await release();
  expect((await verify(job())).result).toBe("proven");
});

it("names the pod that never gets ready, and ends at once when it is cancelled", async () => {
  current = await release();
  fates.set(current.image.digest, "is never ready");
  await expect(verify(job({ minutes: 0.15 }))).rejects.toMatchObject({
    reason: "deadline",
    message: expect.stringMatching(
      /guests rolls out guests-api \(.*\)\. Pod guests-api-\S+, container api, runs but is not ready\./,
    ),
  });
  lines.length = 0;
  const cancelled = new AbortController();
  const stopped = verify(job({ signal: cancelled.signal }));
  await until(async () => lines.includes("guests rolls out guests-api"));
  cancelled.abort();
  await expect(stopped).rejects.toMatchObject({
    reason: "cancelled",
    message: expect.stringMatching(/^Stopped, because the job was cancelled\.\nguests rolls out guests-api/),
  });
  expect(states().at(-1)).toBe("error");
});
