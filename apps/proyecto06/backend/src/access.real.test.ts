import { join } from "node:path";
import { createApp } from "@slipway/kit";
import { startOpenIdIssuer, TestBrowser } from "@slipway/kit/testing/openid-issuer.ts";
import { startPostgres, type TestPostgres } from "@slipway/kit/testing/postgres.ts";
import { freePort } from "@slipway/kit/testing/process.ts";
import { documentedRoutes, mountedRoutes } from "@slipway/kit/testing/routes.ts";
import { startWorkflowIssuer, type TestWorkflowIssuer } from "@slipway/kit/testing/workflow-issuer.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../../../../actions/lib/core/process.ts";
import { createAppContext, offerFirstLink } from "./context.ts";
import { createApi } from "./api.ts";
import { databaseFor, delivery, startReplica, testConfig } from "./testing.ts";

const parts = new AsyncDisposableStack();
let postgres: TestPostgres;
let issuer: TestWorkflowIssuer;
let environment: Record<string, string>;

beforeAll(async () => {
  postgres = parts.use(await startPostgres());
  issuer = parts.use(await startWorkflowIssuer());
  environment = await databaseFor(postgres, "access", issuer);
});
afterAll(() => parts.disposeAsync());

const replica = (extra: Record<string, string> = {}) => startReplica(testConfig({ ...environment, ...extra }));

interface Document {
  paths: Record<string, Record<string, { security?: object[]; responses: Record<string, object> }>>;
}

/** What one may ask who is nobody. */
const open = [
  "get /api/session/callback",
  "get /api/session/first",
  "get /api/session/options",
  "get /api/session/sign-in",
  "get /docs",
  "get /health",
  "get /health/live",
  "get /health/ready",
  "get /metrics",
  "get /openapi.json",
];

describe("nobody", () => {
  test("may ask nothing but the ways in, and what says how the service is", async () => {
    await using one = await replica();
    const { body } = await one.get<Document>("/openapi.json");
    const routes = Object.entries(body.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, { security }]) => ({ method, path, security })),
    );
    const refused: string[] = [];
    for (const { method, path } of routes) {
      const address = one.origin + path.replace("{id}", "1-1");
      const { status, headers } = await fetch(address, { method, redirect: "manual" });
      if (status === 401) refused.push(`${method} ${path}`);
      expect(status, path).toBeLessThan(500);
      if (status >= 400) expect(headers.get("content-type")).toBe("application/problem+json");
    }
    const known = routes.map(({ method, path }) => `${method} ${path}`).sort();
    expect(known.filter((route) => !refused.includes(route))).toEqual(open);
    // And the document says so.
    const documented = routes.filter(({ security }) => security?.length).map(({ method, path }) => `${method} ${path}`);
    expect(documented.sort()).toEqual(refused.sort());
  });

  test("a workflow's token opens no page, a person's cookie no report", async () => {
    await using one = await replica();
    const headers = { Authorization: `Bearer ${await issuer.token()}` };
    expect((await fetch(`${one.origin}/api/deliveries`, { headers })).status).toBe(401);
    const post = {
      method: "POST",
      body: JSON.stringify(delivery()),
      headers: { "Content-Type": "application/json", Cookie: one.cookie },
    };
    expect((await fetch(`${one.origin}/api/reports`, post)).status).toBe(401);
  });
});

test("the OpenAPI document and the mounted routes are the same", async () => {
  const context = createAppContext(testConfig(environment));
  const api = createApi(context);
  const app = createApp({ ...context, api });
  const mounted = mountedRoutes(app);
  const documented = documentedRoutes(api.document());
  await context.end();
  expect(documented.sort()).toEqual(mounted.sort());
  expect(mounted).toHaveLength(21);
});

describe("a one-time link", () => {
  test("is printed by the first start alone, of however many replicas", async () => {
    const own = await databaseFor(postgres, "first", issuer);
    const lines: string[] = [];
    const contexts = Array.from({ length: 4 }, () => createAppContext(testConfig({ ...own, LOG_LEVEL: "warn" })));
    for (const context of contexts) context.logger = { warn: (line: string) => lines.push(line) } as never;
    await Promise.all(contexts.map(offerFirstLink));
    await Promise.all(contexts.map(offerFirstLink));
    expect(lines).toEqual([
      expect.stringMatching(/^Sign in once, within 24 hours: \/api\/session\/first\?token=[\w-]{43}$/),
    ]);
    const { rows } = await postgresRows(own, "SELECT hash, expires_at - now() AS left FROM sign_in_links");
    expect(rows[0].left.hours).toBe(23);
    expect(lines[0]).not.toContain(rows[0].hash.toString("base64url"));
    await Promise.all(contexts.map((context) => context.end()));
  });

  test("is good once, for who asks for a page, and not for what previews it", async () => {
    await using one = await replica();
    const address = `${one.origin}/api/session/first?token=${await one.context.links.create()}`;
    const ask = async (method = "GET") => {
      const answer = await fetch(address, { method, redirect: "manual" });
      return { to: answer.headers.get("location"), cookie: answer.headers.getSetCookie().length };
    };
    expect(await ask("HEAD")).toEqual({ to: "/sign-in?problem=link", cookie: 0 });
    const both = await Promise.all([ask(), ask()]);
    expect(both.filter(({ to }) => to === "/")).toHaveLength(1);
    expect(await ask()).toEqual({ to: "/sign-in?problem=link", cookie: 0 });
    expect((await one.get("/api/session")).body).toMatchObject({ name: "one-time link", by: "one-time-link" });
  });

  test("is good for a day", async () => {
    await using one = await replica();
    const token = await one.context.links.create();
    await postgresRows(
      environment,
      "UPDATE sign_in_links SET expires_at = now() - interval '1 second' WHERE used_at IS NULL",
    );
    const answer = await fetch(`${one.origin}/api/session/first?token=${token}`, { redirect: "manual" });
    expect(answer.headers.get("location")).toBe("/sign-in?problem=link");
  });

  test("is not a way in where it is switched off; the command makes a new one", async () => {
    await using off = await replica({ ONE_TIME_LINK: "false" });
    expect(await (await fetch(`${off.origin}/api/session/options`)).json()).toEqual({
      issuer: null,
      oneTimeLink: false,
    });
    expect(off.cookie).toBe("");
    const env = { PATH: process.env.PATH ?? "", ...environment };
    const { stdout } = await run(process.execPath, [join(import.meta.dirname, "link.ts")], { env });
    expect(stdout).toMatch(/^\/api\/session\/first\?token=[\w-]{43}\n$/);
    await using one = await replica();
    const answer = await fetch(one.origin + stdout.trim(), { redirect: "manual" });
    expect(answer.headers.get("location")).toBe("/");
  });
});

test("signing in by an OpenID Connect issuer opens the console, at every replica", async () => {
  const port = String(await freePort());
  const origin = `http://127.0.0.1:${port}`;
  await using openId = await startOpenIdIssuer(`${origin}/api/session/callback`);
  openId.accounts.set("somebody", { name: "A user", email: "somebody@example.com", email_verified: true });
  const extra = { ...openId.environment, OIDC_ALLOWED: "somebody@example.com", PUBLIC_URL: origin };
  await using _ = await replica({ ...extra, PORT: port });
  await using other = await replica(extra);
  const browser = new TestBrowser();
  const home = (next: URL) => next.origin === origin && !next.pathname.startsWith("/api/");
  expect(await browser.signIn(`${origin}/api/session/sign-in?return=/receipts`, "somebody", home)).toBe(
    `${origin}/receipts`,
  );
  expect((await browser.ask(`${origin}/api/deliveries`)).status).toBe(200);
  const [cookie] = browser.cookiesOf(origin);
  expect((await fetch(`${other.origin}/api/deliveries`, { headers: { Cookie: cookie ?? "" } })).status).toBe(200);
});

test("who asks too often is refused, each for themselves", async () => {
  await using one = await replica({ REQUESTS_PER_MINUTE: "2" });
  const ask = async (cookie: string) =>
    (await fetch(`${one.origin}/api/environments`, { headers: { Cookie: cookie } })).status;
  expect([await ask(one.cookie), await ask(one.cookie), await ask(one.cookie)]).toEqual([200, 200, 429]);
  expect((await fetch(`${one.origin}/health/ready`)).status).toBe(200);
});

async function postgresRows(own: Record<string, string>, text: string) {
  const { default: pg } = await import("pg");
  const client = new pg.Client({
    host: own["DATABASE_HOST"],
    port: Number(own["DATABASE_PORT"]),
    user: own["DATABASE_USER"],
    password: own["DATABASE_PASSWORD"],
    database: own["DATABASE_NAME"],
  });
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}
