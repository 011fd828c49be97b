import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import {
  foreignRuns,
  ownRuns,
  startWorkflowIssuer,
  type TestWorkflowIssuer,
  usualRun,
} from "../testing/workflow-issuer.ts";
import { Api } from "./http/api.ts";
import { readEnv, serviceVariables } from "./service/config.ts";
import { EventStreams } from "./events/event-streams.ts";
import { Health } from "./service/health.ts";
import { createLogger } from "./service/logger.ts";
import type { Problem } from "./http/problems.ts";
import { limited } from "./http/rate-limit.ts";
import { Dependency } from "./resilience/dependency.ts";
import { createMetrics } from "./service/metrics.ts";
import { SealedCookie } from "./sign-in/sealed-cookie.ts";
import { securityHeaders } from "./http/security-headers.ts";
import { startService } from "./service/service.ts";
import { claimsOf, requireWorkflow, WorkflowTokens } from "./sign-in/workflow-token.ts";

const patience = (timeout = 2_000) => new Dependency({ name: "workflow issuer", metrics: createMetrics(), timeout });

const quiet = { PORT: "0", METRICS_PORT: "0", SHUTDOWN_DELAY_MS: "0", LOG_LEVEL: "silent" };
const config = readEnv(serviceVariables, quiet);
const logger = createLogger(config);
const string = z.string();
let api: Api;
let issuer: TestWorkflowIssuer;

beforeAll(async () => {
  issuer = await startWorkflowIssuer();
});
afterAll(() => issuer[Symbol.asyncDispose]());
beforeEach(() => {
  api = new Api({ title: "test", version: "1" });
});

async function serve(rest: { streams?: EventStreams } = {}) {
  const service = await startService({
    config,
    logger,
    api,
    health: new Health(),
    middleware: [securityHeaders],
    ...rest,
  });
  const ask = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${service.port}${path}`, init);
  return Object.assign(ask, { service, [Symbol.asyncDispose]: () => service.stop() });
}

test("an answer is data, never a page, and not kept; a page may set its own policy", async () => {
  api.get("/data", { summary: "", response: string }, () => "x");
  await using ask = await serve();
  const { headers } = await ask("/data");
  expect(headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect((await ask("/nowhere")).headers.get("x-content-type-options")).toBe("nosniff");
  expect((await ask("/docs")).headers.get("content-security-policy")).toContain("style-src 'unsafe-inline'");
});

test("what is asked too often is refused with the time to come back, and counted by its key", async () => {
  const key = (request: { headers: Record<string, unknown> }) => String(request.headers["x-who"]);
  api.get("/often", { summary: "", response: string, before: [limited({ perMinute: 2, key })] }, () => "x");
  await using ask = await serve();
  const as = (who: string) => ask("/often", { headers: { "X-Who": who } });
  expect([(await as("a")).status, (await as("a")).status, (await as("b")).status]).toEqual([200, 200, 200]);
  const refused = await as("a");
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "60"]);
  expect(refused.headers.get("content-type")).toBe("application/problem+json");
});

test("a guard is asked before the body is read, and its scheme is documented", async () => {
  const cookie = { type: "apiKey", in: "cookie", name: "session", description: "" } as const;
  api = new Api({ title: "test", version: "1", securitySchemes: { session: cookie } });
  const before = [limited({ perMinute: 1, key: () => "all" })];
  const spec = { summary: "", body: z.object({}), response: null, status: 204, before, security: "session" };
  api.post("/guarded", spec, () => undefined);
  await using ask = await serve();
  const post = (body: string) =>
    ask("/guarded", { method: "POST", body, headers: { "Content-Type": "application/json" } });
  expect([(await post("{}")).status, (await post("{")).status]).toEqual([204, 429]);
  expect(api.document()).toMatchObject({
    components: { securitySchemes: { session: cookie } },
    paths: { "/guarded": { post: { security: [{ session: [] }], responses: { 204: { description: "Success" } } } } },
  });
});

test("a sealed cookie is opened by its own service alone, until it expires", async () => {
  const options = { name: "who", schema: z.object({ name: string }), seconds: 60, secure: false };
  const cookie = new SealedCookie({ ...options, key: "k".repeat(32) });
  const others = {
    otherKey: new SealedCookie({ ...options, key: "l".repeat(32) }),
    otherName: new SealedCookie({ ...options, key: "k".repeat(32), name: "else" }),
    expired: new SealedCookie({ ...options, key: "k".repeat(32), seconds: -1 }),
    secure: new SealedCookie({ ...options, key: "k".repeat(32), secure: true }),
  };
  api.get("/set/:which", { summary: "", params: z.object({ which: string }), response: string }, async (call) => {
    await ({ cookie, ...others }[call.params.which] ?? cookie).set(call.response, { name: "A user" });
    return "set";
  });
  api.get("/read", { summary: "", response: string }, async ({ request }) => (await cookie.read(request))?.name ?? "-");
  await using ask = await serve();
  const set = async (which: string) => (await ask(`/set/${which}`)).headers.get("set-cookie") ?? "";
  const read = async (header: string) => (await ask("/read", { headers: { Cookie: header } })).json();
  const good = await set("cookie");
  expect(good).toMatch(/^who=[\w.-]+; Path=\/; Expires=.*; HttpOnly; SameSite=Lax$/);
  expect(good).not.toContain("A user");
  const value = good.split(";")[0] ?? "";
  expect([await read(`a=b; ${value}; c=d`), await read(value)]).toEqual(["A user", "A user"]);
  expect(await read(`${value.slice(0, -4)}AAAA`)).toBe("-");
  expect(await read("who=nonsense")).toBe("-");
  for (const which of ["otherKey", "otherName", "expired"])
    expect(await read(((await set(which)).split(";")[0] ?? "").replace(/^else=/, "who=")), which).toBe("-");
  expect(await set("secure")).toMatch(/^__Host-who=.*; Secure; /);
});

test("events are streamed, with a heartbeat, and a shutdown ends them and sends callers to come back", async () => {
  let beats = 0;
  const streams = new EventStreams({ interval: 20, onBeat: () => (beats += 1) });
  api.get("/events", { summary: "", response: string, contentType: "text/event-stream" }, ({ request, response }) => {
    const stream = streams.open(request, response);
    stream.send({ id: `${stream.lastEventId}1`, event: "delivery", data: { text: "a\nb" } });
    return "";
  });
  const ask = await serve({ streams });
  const answer = await ask("/events", { headers: { "Last-Event-ID": "4" } });
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  expect(answer.headers.get("x-accel-buffering")).toBe("no");
  const reader = (answer.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  let seen = "";
  while (!seen.endsWith(":\n\n")) seen += (await reader.read()).value ?? "";
  expect(seen).toMatch(/^retry: 2000\n\nid: 41\nevent: delivery\ndata: \{"text":"a\\nb"\}\n\n/);
  expect([streams.size, beats > 0]).toEqual([1, true]);
  const stopped = ask.service.stop();
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) rest += part.value;
  expect(rest).toMatch(/retry: \d+\n\n$/);
  await stopped;
  expect(streams.size).toBe(0);
});

test("a caller that leaves is forgotten; one that does not read is cut off", async () => {
  const streams = new EventStreams();
  api.get("/events", { summary: "", response: string, contentType: "text/event-stream" }, ({ request, response }) => {
    const stream = streams.open(request, response);
    // More than the sockets' buffers take.
    if (request.headers["x-much"])
      for (let i = 0; i < 64; i += 1) stream.send({ id: "1", event: "e", data: "x".repeat(1 << 20) });
    return "";
  });
  await using ask = await serve({ streams });
  const leaving = new AbortController();
  await ask("/events", { signal: leaving.signal });
  leaving.abort();
  // It may be cut off before its head is out.
  await ask("/events", { headers: { "X-Much": "1" } }).catch(() => {});
  await expect.poll(() => streams.size).toBe(0);
});

const delivering = {
  audience: "console",
  repository: "Octo/slipway",
  repositoryId: "42",
  branch: "main",
  workflows: ["deliver.yml", "destroy.yml", "lease.yml"],
  events: ["push", "workflow_dispatch", "schedule"],
};

test("a workflow's token is accepted by signature, issuer, audience, time and repository", async () => {
  const before = [requireWorkflow(new WorkflowTokens({ ...delivering, issuer: issuer.issuer }, patience()))];
  api.get("/run", { summary: "", response: string, before }, ({ response }) => claimsOf(response).run_id);
  await using ask = await serve();
  const status = async (token?: string, scheme = "Bearer") =>
    (await ask("/run", token === undefined ? {} : { headers: { Authorization: `${scheme} ${token}` } })).status;
  expect(await status(await issuer.token())).toBe(200);
  expect(await status(await issuer.token({ sub: "repo:octo/slipway:environment:dev" }))).toBe(200);
  expect(await status()).toBe(401);
  expect(await status("nonsense")).toBe(401);
  expect(await status(await issuer.token(), "Basic")).toBe(401);
  expect(await status(await issuer.forged())).toBe(401);
  expect(await status(await issuer.token({ aud: "sts.amazonaws.com" }))).toBe(401);
  expect(await status(await issuer.token({ iss: "https://token.actions.githubusercontent.com" }))).toBe(401);
  expect(await status(await issuer.token({ exp: Math.floor(Date.now() / 1_000) - 60 }))).toBe(401);
  expect(await status(await issuer.token({ exp: undefined }))).toBe(401);
  expect(await status(await issuer.token({ run_id: "1;2" }))).toBe(401);
  expect(await status(await issuer.token({ repository: "octo/other" }))).toBe(403);
  expect(await status(await issuer.token({ repository_id: "43" }))).toBe(403);
  const [head, , signature] = (await issuer.token()).split(".");
  const payload = Buffer.from(JSON.stringify({ ...usualRun, iss: issuer.issuer, exp: 9e9 })).toString("base64url");
  expect(await status(`${head}.${payload}.${signature}`)).toBe(401);
  const none = Buffer.from('{"alg":"none"}').toString("base64url");
  expect(await status(`${none}.${payload}.`)).toBe(401);
  expect(issuer.asked()).toBe(1);
});

test("an issuer that fails once is asked again, and one that is silent is not waited for", async () => {
  let asked = 0;
  const flaky = createServer((_request, response) => {
    asked += 1;
    if (asked === 1) response.writeHead(502).end();
    // Silent from then on, until the time-out.
  });
  flaky.listen(0, "127.0.0.1");
  await once(flaky, "listening");
  const origin = `http://127.0.0.1:${(flaky.address() as AddressInfo).port}`;
  const tokens = new WorkflowTokens({ ...delivering, issuer: origin }, patience(100));
  const start = performance.now();
  await expect(tokens.verify(await issuer.token({ iss: origin }))).rejects.toMatchObject({ status: 503 });
  expect(performance.now() - start).toBeLessThan(3_000);
  expect(asked).toBe(3);
  flaky.closeAllConnections();
  flaky.close();
});

test("of the repository's own runs, only those of the delivering branch, its workflows and its events are heard", async () => {
  const tokens = new WorkflowTokens({ ...delivering, issuer: issuer.issuer }, patience());
  const taken = async (claims: Record<string, unknown>) => {
    const token = await issuer.token(claims);
    return tokens.verify(token).then(
      () => "taken",
      (error: unknown) => (error as Problem).status,
    );
  };
  for (const [name, claims] of Object.entries(ownRuns)) expect(await taken(claims), name).toBe("taken");
  for (const [name, claims] of Object.entries(foreignRuns)) expect([401, 403], name).toContain(await taken(claims));
});

test("an issuer that is away is a 503, and asked again by the next token", async () => {
  const other = await startWorkflowIssuer();
  const token = await other.token();
  await other[Symbol.asyncDispose]();
  const dependency = patience();
  const before = [requireWorkflow(new WorkflowTokens({ ...delivering, issuer: other.issuer }, dependency))];
  api.get("/run", { summary: "", response: string, before }, () => "in");
  await using ask = await serve();
  for (let i = 0; i < 2; i += 1) {
    const answer = await ask("/run", { headers: { Authorization: `Bearer ${token}` } });
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
  }
  // Each of them tried three times; after five failures in a row nobody waits for it.
  expect(dependency.state).toBe("open");
});

test("a database that does not answer is a 503 that says when to try again", async () => {
  api.get("/away", { summary: "", response: string }, () => {
    throw new Error("Failed query", { cause: Object.assign(new Error("ended"), { code: "57P01" }) });
  });
  await using ask = await serve();
  const answer = await ask("/away");
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(await answer.json()).toMatchObject({ detail: "The database does not answer." });
});
