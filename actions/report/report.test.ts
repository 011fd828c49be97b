import { createServer, type IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { reportSchema } from "../../apps/contract/reports.ts";
import type { Proof, RunReport, StageReport } from "../../apps/contract/index.ts";
import { startGitHub } from "../../scripts/rehearsal/github/github.ts";
import { type TokenIssuer, startIdentity } from "../../scripts/rehearsal/github/identity.ts";
import { close, listen } from "../../scripts/rehearsal/tools/listening.ts";
import { consoleFromEnvironment, inStage } from "../lib/report/console.ts";
import { SlipwayError } from "../lib/core/errors.ts";
import { openGitHub } from "../lib/github/github.ts";
import { discoverImages } from "../lib/images/image.ts";
import { receiptKey } from "../lib/receipt/saved.ts";
import type { ImageKey } from "../lib/images/registry.ts";
import { describeReport, type ReportRequest, reportRun, reportSummary } from "./report.ts";
import { handOver } from "../lib/report/handed.ts";
import { noStore, type StateStore } from "../lib/terraform/state/store.ts";
import { memoryStore } from "../testing/terraform/state-store.ts";
import { commitFiles, type TestRepository, temporaryRepository } from "../testing/repository.ts";

const emptyProof: Proof = {
  environment: "dev",
  commit: "b".repeat(40),
  provenAt: "2026-03-01T10:00:30.000Z",
  run: null,
  apps: [],
  superseded: [],
  skipped: [],
};

const world = new AsyncDisposableStack();
let store: StateStore;
let identity: TokenIssuer;
let repository: TestRepository;
/** What the console was sent, with the repository and run of the token that came with it. */
let told: { path: string; body: unknown; claims: { aud: string; run_id: string } }[];
let status: number;
let stop: () => Promise<void>;

beforeAll(async () => {
  identity = world.use(await startIdentity({ repository: "o/r", branch: "main" }));
  repository = world.use(await temporaryRepository());
  await commitFiles(repository.path, { "README.md": "hello" });
});
afterAll(() => world.disposeAsync());

beforeEach(async () => {
  // The toolkit tells the runner which tokens to mask.
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  told = [];
  store = memoryStore();
  status = 200;
  const server = createServer((request, response) => {
    void take(request).then(() => response.writeHead(status).end(status < 300 ? '{"id":"1-1","changed":true}' : "no"));
  });
  const port = await listen(server);
  stop = () => close(server);
  vi.stubEnv("CONSOLE_URL", `http://127.0.0.1:${port}`);
  vi.stubEnv("CONSOLE_INSECURE", "true");
  vi.stubEnv("ACTIONS_ID_TOKEN_REQUEST_URL", identity.requestUrl({ run: "7" }));
  vi.stubEnv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", identity.requestToken);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await stop();
});

async function take(request: IncomingMessage): Promise<void> {
  const [, payload = ""] = (request.headers.authorization ?? "").replace("Bearer ", "").split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as (typeof told)[number]["claims"];
  const body: unknown = await json(request);
  if (status < 300) told.push({ path: request.url ?? "", body, claims });
}

const run = (id: string, more: Partial<ReportRequest> = {}) =>
  reportRun({
    kind: "teardown",
    environment: "dev",
    repository: repository.path,
    results: "teardown: success",
    identity: { repository: "o/r", run: id, attempt: 1, commit: "c".repeat(40), branch: "main", actor: "a" },
    jobs: () => Promise.resolve([]),
    registry: () => Promise.resolve({ find: (images) => Promise.resolve(pushed(images)) }),
    store,
    console: consoleFromEnvironment(),
    ...more,
  });
/** An ECR that got all images a moment ago. */
const pushed = (images: readonly ImageKey[]) =>
  new Map(images.map((image) => [image.name, { ...image, digest, size: 1, pushedAt: new Date() }]));
const digest = `sha256:${"a".repeat(64)}`;
const runs = () => told.map(({ body }) => (body as RunReport).identity.run);

it("sends a report once, with a token that is for this console alone, and keeps nothing", async () => {
  const reported = await run("7");
  expect(describeReport(reported)).toBe("The console has the report.");
  expect(told).toMatchObject([
    { path: "/api/reports", claims: { aud: "slipway-console", run_id: "7" }, body: { title: "Change files" } },
  ]);
  expect(await store.list("reports/")).toEqual([]);
  expect(reportSummary(reported)).toContain('"title": "Change files"');
});

it("keeps what a console that is away did not hear, and sends it with the next run, the oldest first", async () => {
  await stop();
  expect(describeReport(await run("9"))).toMatch(/^The report waits for the next run\. .*does not answer/);
  expect(describeReport(await run("10"))).toMatch(/^2 reports wait for the next run\./);
  const server = createServer((request, response) => void take(request).then(() => response.end("{}")));
  vi.stubEnv("CONSOLE_URL", `http://127.0.0.1:${await listen(server)}`);
  stop = () => close(server);
  expect(describeReport(await run("11"))).toBe("The console has 3 reports.");
  expect(runs()).toEqual(["9", "10", "11"]);
  expect(await store.list("reports/")).toEqual([]);
});

it("waits out what may come right, and gives up what never will", async () => {
  status = 503;
  await run("12");
  status = 401;
  expect((await run("13")).sent).toMatchObject({ sent: 0, waiting: 2 });
  expect(await store.list("reports/")).toHaveLength(2);
  // Another may be allowed what this one is not: it holds up none.
  status = 403;
  expect((await run("14")).sent).toMatchObject({ sent: 0, waiting: 3 });
  status = 422;
  const refused = await run("14");
  expect(refused.sent).toMatchObject({ refused: [{}, {}, {}], waiting: 0 });
  expect(describeReport(refused)).toMatch(
    /The console refused a report, which is kept as reports\/refused\/0*12-1.json: .*422/,
  );
  // Kept, and spoken of by every run, but not sent any more.
  expect(await store.list("reports/")).toEqual(await store.list("reports/refused/"));
  expect(await store.list("reports/")).toHaveLength(3);
  status = 200;
  const next = await run("15");
  expect(runs()).toEqual(["15"]);
  expect(describeReport(next)).toBe(
    "The console has the report. 3 reports of earlier runs that the console refused: look under reports/refused/.",
  );
});

it("refuses by itself what is not a report, and goes on", async () => {
  await store.write(`reports/${"1".padStart(20, "0")}-1.json`, '{"version": 1, "ident');
  const { sent } = await run("16");
  expect(sent).toMatchObject({
    sent: 1,
    waiting: 0,
    refused: [{ why: expect.stringContaining("It is not a report") }],
  });
});

it("reports a run whose plan failed, whatever the plan failed for", async () => {
  // A Dockerfile without its ignore file, no bucket, no role, no list of jobs, no commit.
  const folder = world.use(await temporaryRepository());
  await commitFiles(folder.path, { "apps/demo/api/Dockerfile": "FROM scratch\n" });
  await expect(discoverImages(folder.path)).rejects.toThrow("Dockerfile.dockerignore");
  const results = "plan: failure\nbuild: skipped\nrelease: skipped\nverify: skipped";
  const failed = { kind: "delivery", results, repository: folder.path } as const;
  expect((await run("17", failed)).notes).toEqual([]);
  const fail = () => Promise.reject(new SlipwayError("The role was refused."));
  const alone = await run("18", {
    ...failed,
    repository: "/nowhere",
    store: noStore(new SlipwayError("There is no bucket.")),
    registry: fail,
    jobs: fail,
  });
  expect(alone.sent).toMatchObject({ sent: 1, lost: undefined });
  expect(alone.notes.sort()).toEqual([
    expect.stringMatching(/^The report lacks its commit: /),
    "The report lacks its jobs and their times: The role was refused.",
    "The report lacks its release and proof: There is no bucket.",
  ]);
  expect(reportSummary(alone)).toContain("The role was refused");
  for (const { body } of told) expect(reportSchema.parse(body)).toMatchObject({ kind: "delivery", outcome: "failed" });
  expect(
    told.map(({ body }) => (body as RunReport).stages.map(({ stage, outcome }) => `${stage} ${outcome}`)[0]),
  ).toEqual(["plan failed", "plan failed"]);
});

it("says that a report is lost where neither the console nor the bucket takes it", async () => {
  await stop();
  const lost = await run("19", { store: noStore(new SlipwayError("There is no bucket.")) });
  expect(describeReport(lost)).toMatch(
    /^The console does not have the report\. .*does not answer.*There is no bucket\.$/,
  );
  const server = createServer((_request, response) => response.end("{}"));
  await listen(server);
  stop = () => close(server);
});

it("takes release and proof from where the stages left them, of its own run alone, and the receipt", async () => {
  const release = { commit: "b".repeat(40), at: "2026-03-01T10:00:00.000Z", images: [] };
  const proof = { ...emptyProof, apps: [] };
  for (const of of ["20", "21"]) {
    await handOver(store, of, "release", { ...release, images: [{ app: of, name: "n", digest }] });
    await handOver(store, of, "proof", proof);
  }
  const delivered = { kind: "delivery", results: "plan: success\nrelease: success\nverify: success" } as const;
  expect((await run("20", delivered)).report).toMatchObject({ release: { images: [{ app: "20" }] }, proof });
  // Of what did not succeed, what an earlier attempt has left is not told.
  const failed = { ...delivered, results: "plan: success\nrelease: success\nverify: failure" };
  expect((await run("21", failed)).report).toMatchObject({ release: { images: [{ app: "21" }] }, proof: null });
  const receipt = {
    at: "2026-03-01T10:00:00.000Z",
    clean: false,
    seconds: 1,
    looks: 1,
    monthlyUsd: 1,
    keptMonthlyUsd: 0,
  };
  await store.write(receiptKey("dev"), JSON.stringify({ ...receipt, items: [], run: "22" }));
  // Red ones, too: their job failed.
  expect((await run("22", { results: "teardown: failure" })).report).toMatchObject({ receipt: { clean: false } });
  expect((await run("23")).report.receipt).toBeNull();
});

it("keeps what the stages of the newest runs left", async () => {
  for (let id = 100; id < 160; id += 1) await handOver(store, String(id), "proof", emptyProof);
  await run("160");
  const kept = await store.list("reports/handed/");
  expect([kept.length, kept.sort()[0]]).toEqual([50, `reports/handed/${"110".padStart(20, "0")}/proof.json`]);
});

it("is off without the variable, and names one that is not an address", async () => {
  vi.stubEnv("CONSOLE_URL", "");
  expect((await run("24")).sent).toBe("off");
  vi.stubEnv("CONSOLE_URL", "console.example.org");
  expect(() => consoleFromEnvironment()).toThrow("which is not an address of http or https");
});

it.each(["", "false", "yes", "1", "TRUE"])("shows no token by http while CONSOLE_INSECURE is %j", async (allowed) => {
  vi.stubEnv("CONSOLE_INSECURE", allowed);
  const address = String(process.env.CONSOLE_URL);
  expect(() => consoleFromEnvironment()).toThrow(
    `CONSOLE_URL is "${address}": by http, everybody on the way can read the token that this run shows.`,
  );
  expect(await inStage({ stage: "verify", environment: "dev" }, () => Promise.resolve(8))).toBe(8);
  expect(told).toEqual([]);
  vi.stubEnv("CONSOLE_URL", "https://console.example.org");
  expect(consoleFromEnvironment()).toBeDefined();
});

it("lets people watch a stage, and never fails with the console", async () => {
  const at = { stage: "verify", environment: "dev" } as const;
  expect(await inStage(at, () => Promise.resolve(5))).toBe(5);
  await expect(inStage(at, () => Promise.reject(new Error("A pod crashes.\nmore")))).rejects.toThrow("A pod crashes.");
  const seen = told.map(({ body }) => (body as StageReport).stage);
  expect(seen.map(({ outcome }) => outcome)).toEqual(["running", "succeeded", "running", "failed"]);
  expect(seen.at(-1)).toMatchObject({ failure: "A pod crashes.", startedAt: expect.any(String) });
  status = 500;
  expect(await inStage(at, () => Promise.resolve(6))).toBe(6);
  // The report says what is wrong with the address; a delivery goes on.
  vi.stubEnv("CONSOLE_URL", "console.example.org");
  expect(await inStage(at, () => Promise.resolve(7))).toBe(7);
});

it("asks GitHub when each job began and ended", async () => {
  await using github = await startGitHub({ repository: "o/r", token: "t" });
  vi.stubEnv("GITHUB_API_URL", github.endpoint);
  const at = "2026-03-01T10:00:00Z";
  const job = {
    status: "completed",
    conclusion: "success",
    started_at: at,
    completed_at: at,
  } as const;
  github.state.jobs.set(7, () =>
    Array.from({ length: 120 }, (_, index) => ({ ...job, name: `Teardown ${1_000 + index}` })),
  );
  const api = await openGitHub("t", { owner: "o", repo: "r" });
  const { report } = await run("7", { jobs: () => api.listJobs(7, 1) });
  expect(report.stages).toHaveLength(120);
  expect(report.stages[0]).toMatchObject({ stage: "teardown", startedAt: "2026-03-01T10:00:00.000Z" });
  expect(github.violations).toEqual([]);
});
