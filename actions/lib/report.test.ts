import { createServer, type IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { Report, StageReport } from "../../apps/proyecto06/contract/index.ts";
import { startGitHub } from "../../scripts/rehearsal/github/github.ts";
import { type Identity, startIdentity } from "../../scripts/rehearsal/github/identity.ts";
import { close, listen } from "../../scripts/rehearsal/tools/listening.ts";
import { consoleFromEnvironment, inStage } from "./console.ts";
import { openGitHub } from "./github.ts";
import { describeReport, type ReportRequest, reportRun, reportSummary } from "./report.ts";
import type { StateStore } from "./terraform/state-store.ts";
import { memoryStore } from "./terraform/test-state-store.ts";
import { commitFiles, type TestRepository, temporaryRepository } from "./test-repository.ts";

const world = new AsyncDisposableStack();
let store: StateStore;
let identity: Identity;
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
    ...{ kind: "teardown", environment: "dev", repository: repository.path, needs: "{}" },
    identity: { repository: "o/r", run: id, attempt: 1, commit: "c", branch: "main", actor: "a" },
    jobs: () => Promise.resolve([]),
    store: () => store,
    console: consoleFromEnvironment(),
    ...more,
  });
const runs = () => told.map(({ body }) => (body as Report).identity.run);

it("sends a report once, with a token that is for this console alone, and keeps nothing", async () => {
  const reported = await run("7");
  expect(describeReport(reported)).toBe("The console has the report.");
  expect(told).toMatchObject([
    { path: "/api/reports", claims: { aud: "proyecto06", run_id: "7" }, body: { title: "Change files" } },
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
  status = 422;
  expect((await run("14")).sent).toMatchObject({ refused: [{}, {}, {}], waiting: 0 });
  expect(await store.list("reports/")).toEqual([]);
});

it("is off without the variable, and names one that is no address", async () => {
  vi.stubEnv("CONSOLE_URL", "");
  expect((await run("15")).sent).toBe("off");
  vi.stubEnv("CONSOLE_URL", "console.example.org");
  expect(() => consoleFromEnvironment()).toThrow("which is no address of http or https");
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
    name: "Teardown",
    status: "completed",
    conclusion: "success",
    started_at: at,
    completed_at: at,
  } as const;
  github.state.jobs.set(7, () => Array.from({ length: 120 }, () => job));
  const api = await openGitHub("t", { owner: "o", repo: "r" });
  const { report } = await run("7", { jobs: () => api.listJobs(7, 1) });
  expect(report.stages).toHaveLength(120);
  expect(report.stages[0]).toMatchObject({ stage: "teardown", startedAt: "2026-03-01T10:00:00.000Z" });
  expect(github.violations).toEqual([]);
});
