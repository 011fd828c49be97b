import { once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import WebSocket from "ws";
import {
  AccountBrowser,
  type AccountService,
  type AccountServiceOptions,
  createAccountTables,
  startAccountService,
} from "../../testing/account-service.ts";
import { startPostgres, type TestPostgres } from "../../testing/postgres.ts";
import { Api } from "../http/api.ts";
import { Health } from "../service/health.ts";
import { createMetrics } from "../service/metrics.ts";
import { startService } from "../service/service.ts";
import { Sockets } from "../sockets/sockets.ts";
import { AccessTokenReader, type AccountSession } from "./access-tokens.ts";

const parts = new AsyncDisposableStack();
/** The replicas of one test: together they would have more connections than the database. */
let replicas: AsyncDisposableStack;
let postgres: TestPostgres;
let databases = 0;
let environment: Record<string, string>;
let one: AccountService;
let two: AccountService;

const serve = async (more: Record<string, string> = {}, rest: Partial<AccountServiceOptions> = {}) =>
  replicas.use(await startAccountService({ environment: { ...environment, ...more }, ...rest }));

beforeAll(async () => {
  postgres = parts.use(await startPostgres());
});
afterAll(() => parts.disposeAsync());
afterEach(() => replicas.disposeAsync());
beforeEach(async () => {
  replicas = new AsyncDisposableStack();
  environment = { LOG_LEVEL: "silent", ...(await postgres.createDatabase(`sessions${++databases}`)) };
  one = await serve();
  await createAccountTables(one.pool);
  two = await serve();
});

const credentials = { email: "ada@example.com", password: "correct horse battery" };
const register = async (service = one) => {
  const browser = new Person();
  expect((await browser.send("POST", `${service.origin}/api/account`, { name: "Ada", ...credentials })).status).toBe(
    201,
  );
  return browser.remember(service);
};
const signIn = async (service = one) => {
  const browser = new Person();
  expect((await browser.send("POST", `${service.origin}/api/session`, credentials)).status).toBe(200);
  return browser.remember(service);
};

/** Speaks to any replica with the same two tokens, as a browser does through a gateway. */
class Person extends AccountBrowser {
  access = "";
  refreshToken = "";

  remember(service: AccountService): this {
    const cookies = new Map(this.cookiesOf(service.origin).map((cookie) => cookie.split("=") as [string, string]));
    this.access = cookies.get("access") ?? "";
    this.refreshToken = cookies.get("refresh") ?? "";
    return this;
  }

  async status(service: AccountService, access = this.access): Promise<number> {
    return (await fetch(`${service.origin}/api/session`, { headers: { Cookie: `access=${access}` } })).status;
  }
}

/** Uses a refresh token. */
async function refresh(service: AccountService, token: string) {
  const answer = await fetch(`${service.origin}/api/session/refresh`, {
    method: "POST",
    headers: { Cookie: `refresh=${token}` },
  });
  await answer.text();
  const cookies = new Map(
    answer.headers.getSetCookie().map((line) => {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      return [name, value] as const;
    }),
  );
  return { status: answer.status, next: cookies.get("refresh") ?? "", access: cookies.get("access") ?? "" };
}

const age = (seconds: number) =>
  one.pool.query("UPDATE refresh_tokens SET used_at = used_at - make_interval(secs => $1)", [seconds]);

test("cookies are for the browser alone: the refresh token goes to /api/session and nowhere else", async () => {
  const secure = await serve({ PUBLIC_URL: "https://chat.example.com" });
  const answer = await new AccountBrowser().send("POST", `${secure.origin}/api/account`, {
    name: "Ada",
    ...credentials,
  });
  const [access, refreshing] = answer.headers.getSetCookie();
  expect(access).toMatch(/^__Host-access=[\w.-]+; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/);
  expect(refreshing).toMatch(
    /^__Secure-refresh=[\w-]{43}; Path=\/api\/session; Expires=[^;]+; HttpOnly; Secure; SameSite=Strict$/,
  );
});

test("a token is good for one use, at any replica, and the access token ends soon", async () => {
  const person = await register();
  const [, payload = ""] = person.access.split(".");
  const { exp, iat } = JSON.parse(Buffer.from(payload, "base64url").toString()) as { exp: number; iat: number };
  expect(exp - iat).toBeLessThanOrEqual(300);
  let token = person.refreshToken;
  for (const service of [two, one, two]) {
    const answer = await refresh(service, token);
    expect(answer.status).toBe(200);
    expect(await person.status(one, answer.access)).toBe(200);
    expect(answer.next).not.toBe(token);
    token = answer.next;
  }
  for (const unknown of ["x".repeat(43), ""]) expect((await refresh(one, unknown)).status).toBe(401);
});

test("an access token is over after its time, and never outlives its session", async () => {
  const brief = await serve({ ACCESS_SECONDS: "1" });
  const person = await register(brief);
  expect(await person.status(brief)).toBe(200);
  await expect.poll(() => person.status(brief), { timeout: 3_000 }).toBe(401);
  expect((await refresh(brief, person.refreshToken)).status).toBe(200);
  const short = await serve({ SESSION_HOURS: "0.01" });
  const other = await signIn(short);
  const [, payload = ""] = other.access.split(".");
  const { exp } = JSON.parse(Buffer.from(payload, "base64url").toString()) as { exp: number };
  expect(exp * 1_000 - Date.now()).toBeLessThanOrEqual(37_000);
  await one.pool.query("UPDATE sign_ins SET expires_at = now()");
  expect((await refresh(short, other.refreshToken)).status).toBe(401);
});

test("an answer that got lost: the same token within ten seconds gets the same successor", async () => {
  const { refreshToken } = await register();
  // Two tabs, two replicas, and one that tries again.
  const answers = await Promise.all([one, two, one].map((service) => refresh(service, refreshToken)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(new Set(answers.map(({ next }) => next)).size).toBe(1);
  await age(9);
  expect((await refresh(two, refreshToken)).next).toBe(answers[0]?.next);
  expect((await refresh(one, answers[0]?.next ?? "")).status).toBe(200);
});

test("after ten seconds it is a theft: the session ends for both, and no other one", async () => {
  const lines: string[] = [];
  const watched = await serve({ LOG_LEVEL: "warn" }, { lines });
  const person = await register();
  const elsewhere = await signIn(two);
  const next = await refresh(one, person.refreshToken);
  await age(11);
  expect(await refresh(watched, person.refreshToken)).toMatchObject({ status: 401, next: "", access: "" });
  expect((await refresh(one, next.next)).status).toBe(401);
  for (const service of [one, two]) await expect.poll(() => person.status(service, next.access)).toBe(401);
  expect(await elsewhere.status(one)).toBe(200);
  expect((await refresh(one, elsewhere.refreshToken)).status).toBe(200);
  expect(lines.join("")).toContain("a refresh token came twice: its session was ended");
  expect(await watched.metrics.registry.getSingleMetricAsString("session_refreshes_total")).toContain(
    'session_refreshes_total{outcome="reused"} 1',
  );
});

test("within ten seconds, too, when the successor has been used already", async () => {
  const { refreshToken } = await register();
  const next = await refresh(one, refreshToken);
  const last = await refresh(one, next.next);
  expect((await refresh(two, refreshToken)).status).toBe(401);
  expect((await refresh(two, last.next)).status).toBe(401);
});

test("many at a time with one token are one rotation", async () => {
  const { refreshToken } = await register();
  const answers = await Promise.all(Array.from({ length: 20 }, (_, nth) => refresh(nth % 2 ? one : two, refreshToken)));
  expect(new Set(answers.map(({ status, next }) => `${status} ${next}`)).size).toBe(1);
  expect((await one.pool.query("SELECT FROM refresh_tokens")).rowCount).toBe(2);
});

test("out of one session, then out of all: at the other replica within moments", async () => {
  const person = await register();
  const elsewhere = await signIn(two);
  const start = performance.now();
  expect((await person.send("POST", `${one.origin}/api/session/sign-out`)).status).toBe(204);
  expect(await person.status(one)).toBe(401);
  await expect.poll(() => person.status(two), { interval: 20 }).toBe(401);
  expect(performance.now() - start).toBeLessThan(1_000);
  expect((await refresh(two, person.refreshToken)).status).toBe(401);
  expect(await elsewhere.status(one)).toBe(200);
  const third = await signIn();
  expect((await third.send("POST", `${one.origin}/api/session/sign-out-everywhere`)).status).toBe(204);
  for (const left of [elsewhere, third]) {
    await expect.poll(() => left.status(two), { interval: 20 }).toBe(401);
    expect((await refresh(two, left.refreshToken)).status).toBe(401);
  }
});

test("signing out works with the refresh token alone, when the access token is over", async () => {
  const person = await register();
  const headers = { Cookie: `refresh=${person.refreshToken}` };
  const out = await fetch(`${one.origin}/api/session/sign-out`, { method: "POST", headers });
  expect([out.status, out.headers.getSetCookie().length]).toEqual([204, 2]);
  expect((await refresh(one, person.refreshToken)).status).toBe(401);
  expect(await person.status(one)).toBe(401);
});

test("a replica that has heard nothing of the database lately asks it, and believes no revoked session", async () => {
  const deaf = await serve({}, { believed: 300 });
  const person = await register();
  await deaf.sessions.stop();
  expect(await person.status(deaf)).toBe(200);
  await person.send("POST", `${one.origin}/api/session/sign-out`);
  await expect.poll(() => person.status(deaf)).toBe(401);
});

test("a key is changed and nobody is signed out; without the old one all access tokens are worth nothing", async () => {
  const person = await register();
  const keys = { SESSION_KEY: "n".repeat(32), SESSION_KEYS_BEFORE: "k".repeat(32) };
  const rotated = await serve(keys);
  expect(await person.status(rotated)).toBe(200);
  const next = await refresh(one, person.refreshToken);
  // Its answer is lost, and the next try meets a replica with the new key.
  expect(await refresh(rotated, person.refreshToken)).toMatchObject({ status: 200, next: next.next });
  const renewed = await refresh(rotated, next.next);
  expect(await person.status(rotated, renewed.access)).toBe(200);
  const later = await serve({ SESSION_KEY: keys.SESSION_KEY });
  expect([await person.status(later), await person.status(later, renewed.access)]).toEqual([401, 200]);
  expect((await refresh(later, renewed.next)).status).toBe(200);
});

test("forged, foreign and broken tokens are nobody's", async () => {
  const person = await register();
  const foreign = await serve({ SESSION_KEY: "f".repeat(32) });
  const [head = "", payload = "", signature = ""] = person.access.split(".");
  const changed = JSON.parse(Buffer.from(payload, "base64url").toString()) as { session: AccountSession };
  changed.session.name = "Grace";
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  for (const bad of [
    "",
    "nonsense",
    `${head}.${encode(changed)}.${signature}`,
    `${encode({ alg: "none" })}.${payload}.`,
    `${encode({ alg: "HS256", kid: one.sessions.keys[0].id })}.${payload}.${signature}`,
    (await signIn(foreign)).access,
  ])
    expect(await person.status(one, bad), bad).toBe(401);
});

test("another service knows people by the public keys, also while this one is away", async () => {
  const home = await startAccountService({ environment });
  const reader = AccessTokenReader.at(`${home.origin}/api/session/keys`);
  const person = await register(home);
  expect(await reader.read(person.access)).toMatchObject({ name: "Ada", by: "password" });
  await home[Symbol.asyncDispose]();
  expect(await reader.read(person.access)).toMatchObject({ name: "Ada" });
  const late = AccessTokenReader.at(`${home.origin}/api/session/keys`);
  await expect(late.read(person.access)).rejects.toThrow();
  const published = (await (await fetch(`${one.origin}/api/session/keys`)).json()) as { keys: object[] };
  expect(published.keys.map(Object.keys)).toEqual([expect.not.arrayContaining(["d"])]);
});

test("a session's sockets are opened by its cookie, and closed at any replica when it ends", async () => {
  const { logger, sessions, config } = two;
  const metrics = createMetrics();
  const sockets = new Sockets({
    path: "/api/socket",
    authenticate: async (request) => {
      const session = await sessions.read(request);
      return session && { person: session.account, session: session.id, until: new Date(session.expiresAt) };
    },
    onMessage: () => {},
    logger,
    metrics,
  });
  sessions.onEnded((id) => sockets.endSession(id));
  const api = new Api({ title: "chat", version: "1" });
  const chat = await startService({ config, logger, api, health: new Health(), metrics, sockets });
  replicas.defer(() => chat.stop());
  const person = await register();
  const elsewhere = await signIn();
  const open = async ({ access }: Person) => {
    const ws = new WebSocket(`ws://127.0.0.1:${chat.port}/api/socket`, { headers: { Cookie: `access=${access}` } });
    await once(ws, "open");
    return ws;
  };
  const [hers, other] = [await open(person), await open(elsewhere)];
  const start = performance.now();
  await person.send("POST", `${one.origin}/api/session/sign-out`);
  const [code] = (await once(hers, "close")) as [number];
  expect([code, other.readyState]).toEqual([4401, WebSocket.OPEN]);
  expect(performance.now() - start).toBeLessThan(2_000);
  other.terminate();
  const refused = new WebSocket(`ws://127.0.0.1:${chat.port}/api/socket`, {
    headers: { Cookie: `access=${person.access}` },
  });
  const [, answer] = (await once(refused, "unexpected-response")) as [unknown, { statusCode: number }];
  expect(answer.statusCode).toBe(401);
});
