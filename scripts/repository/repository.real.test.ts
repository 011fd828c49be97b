import { createVerify, generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { hasCredentials, refuseUnreadable } from "../../actions/lib/argocd/repository/credentials.ts";
import { openness } from "../../actions/lib/argocd/repository/followed.ts";
import { type Kubernetes, openKubernetes } from "../../actions/lib/kubernetes/kubernetes.ts";
import { type ApiServer, startApiServer } from "../rehearsal/cluster/api-server.ts";
import { close, listen } from "../rehearsal/tools/listening.ts";
import { giveRepository, type GiveOptions } from "./give.ts";

const world = new AsyncDisposableStack();
const app = { id: "4711", ...generateKeyPairSync("rsa", { modulusLength: 2048 }) };
/** What GitHub says of the App's installation; undefined where it is installed nowhere. */
let installation: { id: number; suspended_at?: string; permissions: Record<string, string> } | undefined;
let folder: string;
let server: ApiServer;
let kubernetes: Kubernetes;
/** The address of a git server that lets nobody in without credentials. */
let url: string;
let said: string[];

const pem = (key: KeyObject, type: "pkcs1" | "pkcs8" = "pkcs1") => key.export({ type, format: "pem" }).toString();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-repository-"));
  world.defer(() => rm(folder, { recursive: true, force: true }));
  // GitHub, as far as it is asked: an App's token, and git without one.
  const github = createServer((request, response) => {
    if (request.url?.startsWith("/octo-org/"))
      return void response.writeHead(401, { "www-authenticate": "Basic" }).end();
    const [head = "", body = "", signature = ""] = (request.headers.authorization ?? "").slice(7).split(".");
    const { iss } = JSON.parse(Buffer.from(body, "base64url").toString() || "{}") as { iss?: string };
    const fits = createVerify("RSA-SHA256").update(`${head}.${body}`).verify(app.publicKey, signature, "base64url");
    if (iss !== app.id || !fits) return void response.writeHead(401).end("{}");
    if (!installation || request.url !== "/repos/octo-org/octo-repo/installation")
      return void response.writeHead(404).end("{}");
    response.end(JSON.stringify(installation));
  });
  const endpoint = `http://127.0.0.1:${await listen(github)}`;
  world.defer(() => close(github));
  vi.stubEnv("GITHUB_API_URL", endpoint);
  url = `${endpoint}/octo-org/octo-repo.git`;
  await mkdir(join(folder, "clone/gitops/bootstrap/settings"), { recursive: true });
  await writeFile(
    join(folder, "clone/gitops/bootstrap/settings/repository.yaml"),
    `kind: ConfigMap\ndata:\n  url: ${url}\n  branch: main\n`,
  );
  await writeFile(join(folder, "key.pem"), pem(app.privateKey));
  server = world.use(await startApiServer({ folder: join(folder, "cluster"), log: join(folder, "compiler.log") }));
  kubernetes = openKubernetes(server.access);
}, 3_600_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await world.disposeAsync();
});
beforeEach(() => {
  installation = { id: 99, permissions: { contents: "read", metadata: "read" } };
  said = [];
});

const give = (options: Partial<GiveOptions> = {}) =>
  giveRepository({
    directory: join(folder, "clone"),
    environment: "dev",
    repository: "octo-org/octo-repo",
    appId: app.id,
    privateKey: join(folder, "key.pem"),
    cluster: () => Promise.resolve(kubernetes),
    wait: false,
    log: (line) => said.push(line),
    ...options,
  });
const secret = () =>
  kubernetes.get<{ data: Record<string, string>; metadata: { labels: object } }>(
    "/api/v1/namespaces/argocd/secrets/slipway-repository",
  );

test("a private repository without a key is reported immediately, with what to do", async () => {
  expect(await openness(url)).toBe("closed");
  const refused = refuseUnreadable(kubernetes, join(folder, "clone"), "dev", AbortSignal.timeout(60_000));
  await expect(refused).rejects.toMatchObject({
    reason: "repository-unreadable",
    message: expect.stringContaining(`Argo CD cannot read ${url}`) as string,
    next: expect.stringContaining("./slipway repository dev --app-id ID --private-key FILE") as string,
  });
});

test.each<[string, () => string | Promise<string>, RegExp]>([
  ["no key", () => "hello\n", /holds no private key in PEM form/],
  [
    "a public key",
    () => app.publicKey.export({ type: "spki", format: "pem" }).toString(),
    /holds no private key in PEM form/,
  ],
  [
    "a key for signing otherwise",
    () => pem(generateKeyPairSync("ed25519").privateKey, "pkcs8"),
    /holds no RSA key of 2,048 bits/,
  ],
  [
    "a short key",
    () => pem(generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey),
    /holds no RSA key of 2,048 bits/,
  ],
  ["half a key", () => pem(app.privateKey).replace(/\n[^\n]+\n[^\n]+\n-----END/, "\n-----END"), /is damaged/],
  [
    "a key with a passphrase",
    () => app.privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" }).toString(),
    /protected by a passphrase/,
  ],
  [
    "another App's key",
    () => pem(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey),
    /GitHub does not take this key for the App 4711/,
  ],
])("%s is refused, and nothing is written", async (_what, make, message) => {
  const file = join(folder, "bad.pem");
  const text = await make();
  await writeFile(file, text);
  const error: unknown = await give({ privateKey: file }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ reason: "bad-key", message: expect.stringMatching(message) as string });
  const lines = text.split("\n").filter((line) => line.length > 20 && !line.startsWith("-----"));
  for (const line of lines) expect(JSON.stringify([error, (error as Error).stack, said])).not.toContain(line);
  expect(await secret()).toBeUndefined();
});

test("a key in the repository, an App without the right, a wrong id and no cluster are refused, too", async () => {
  await writeFile(join(folder, "clone/key.pem"), pem(app.privateKey));
  await expect(give({ privateKey: join(folder, "clone/key.pem") })).rejects.toThrow("lies in the repository");
  await expect(give({ privateKey: join(folder, "none.pem") })).rejects.toThrow("cannot be read (ENOENT)");
  await expect(give({ appId: "Iv1.abc" })).rejects.toThrow('--app-id is "Iv1.abc"');
  await expect(give({ repository: "octo-org/other" })).rejects.toThrow("slipway.yaml says octo-org/other");
  await expect(give({ cluster: () => Promise.resolve(undefined) })).rejects.toMatchObject({ reason: "no-cluster" });
  installation = { id: 99, permissions: { metadata: "read" } };
  await expect(give()).rejects.toThrow("may not read the contents");
  installation = { id: 99, suspended_at: "2026-01-01T00:00:00Z", permissions: { contents: "read" } };
  await expect(give()).rejects.toThrow("is suspended");
  installation = undefined;
  await expect(give()).rejects.toThrow("is not installed for octo-org/octo-repo");
  expect(await secret()).toBeUndefined();
});

test("before the first delivery it waits for the cluster, and gives Argo CD the key that it can use", async () => {
  let looks = 0;
  const cluster = () => Promise.resolve((looks += 1) < 3 ? undefined : kubernetes);
  const given = await give({ cluster, wait: true, interval: 10 });
  expect(given).toEqual({ environment: "dev", url, appId: app.id, installationId: "99" });
  expect(said).toEqual([
    "GitHub knows the App 4711: installation 99 may read octo-org/octo-repo.",
    "Waiting for the cluster of dev, which a delivery makes; Ctrl-C ends this.",
  ]);
  const { data = {}, metadata } = (await secret()) ?? {};
  const values = Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, Buffer.from(value, "base64").toString()]),
  );
  expect(values).toEqual({
    type: "git",
    url,
    githubAppID: app.id,
    githubAppInstallationID: "99",
    githubAppPrivateKey: pem(app.privateKey),
  });
  expect(metadata?.labels).toEqual({ "argocd.argoproj.io/secret-type": "repository" });
  await refuseUnreadable(kubernetes, join(folder, "clone"), "dev", AbortSignal.timeout(60_000));
  // Again, as after a key was replaced on GitHub.
  await give();
});

test("credentials count where Argo CD would use them: for this address, or a template's beginning of it", async () => {
  expect(await hasCredentials(kubernetes, url.replace(/\.git$/, "/"))).toBe(true);
  expect(await hasCredentials(kubernetes, url.replace("octo-repo", "octo-other"))).toBe(false);
  const template = {
    metadata: { name: "template", labels: { "argocd.argoproj.io/secret-type": "repo-creds" } },
    stringData: { url: "https://github.com/octo-org", password: "x" },
  };
  await kubernetes.create("/api/v1/namespaces/argocd/secrets", template);
  expect(await hasCredentials(kubernetes, "https://github.com/octo-org/octo-other.git")).toBe(true);
  expect(await hasCredentials(kubernetes, "https://github.com/someone/octo-other.git")).toBe(false);
});
