import { pgSchema } from "drizzle-orm/pg-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import {
  AccountBrowser,
  type AccountService,
  type AccountServiceOptions,
  cheap,
  createAccountTables,
  startAccountService,
} from "../../testing/account-service.ts";
import { startPostgres, type TestPostgres } from "../../testing/postgres.ts";
import { createTables } from "../../testing/tables.ts";
import { Passwords } from "../passwords/passwords.ts";
import { Attempts } from "./attempts.ts";
import { accountTables } from "./tables.ts";

const parts = new AsyncDisposableStack();
/** The replicas of one test: together they would have more connections than the database. */
let replicas: AsyncDisposableStack;
let postgres: TestPostgres;
let databases = 0;
let environment: Record<string, string>;
let one: AccountService;

const serve = async (options: Partial<AccountServiceOptions> = {}) =>
  replicas.use(await startAccountService({ environment, ...options }));

beforeAll(async () => {
  postgres = parts.use(await startPostgres());
});
afterAll(() => parts.disposeAsync());
afterEach(() => replicas.disposeAsync());
beforeEach(async () => {
  replicas = new AsyncDisposableStack();
  environment = { LOG_LEVEL: "debug", ...(await postgres.createDatabase(`accounts${++databases}`)) };
  one = await serve();
  await createAccountTables(one.pool);
});

const ada = { name: "Ada", email: "Ada@Example.com", password: "correct horse battery" };
const register = async (who: typeof ada = ada, service = one) => {
  const browser = new AccountBrowser();
  expect(await browser.send("POST", `${service.origin}/api/account`, who)).toMatchObject({ status: 201 });
  return browser;
};
const signIn = (email: string, password: string, service = one, browser = new AccountBrowser()) =>
  browser.send("POST", `${service.origin}/api/session`, { email, password });

test("somebody registers, is known, goes out, and comes in again by the address in any spelling", async () => {
  const browser = await register();
  const who = { name: "Ada", by: "password" };
  expect(await browser.send("GET", `${one.origin}/api/session`)).toMatchObject({ status: 200, body: who });
  expect((await browser.send("GET", `${one.origin}/api/account`)).body).toMatchObject({
    name: "Ada",
    email: "Ada@Example.com",
    hasPassword: true,
    links: [],
  });
  expect((await browser.send("POST", `${one.origin}/api/session/sign-out`)).status).toBe(204);
  expect((await browser.send("GET", `${one.origin}/api/session`)).status).toBe(401);
  expect(browser.cookiesOf(one.origin)).toEqual([]);
  expect(await signIn("  aDA@EXAMPLE.com", ada.password)).toMatchObject({ status: 200, body: who });
});

test("an address has one account, also when two register at a time", async () => {
  const both = await Promise.all(
    ["ada@example.com", "ADA@EXAMPLE.COM"].map((email) =>
      new AccountBrowser().send("POST", `${one.origin}/api/account`, { ...ada, email }),
    ),
  );
  expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
  const refused = both.find(({ status }) => status === 409);
  expect(refused?.body).toMatchObject({
    detail: "There is an account with this e-mail address. Sign in, or take another address.",
  });
  expect(refused?.headers.getSetCookie()).toEqual([]);
});

test("what is not fit is refused with each fault, and nothing is made", async () => {
  const answer = await new AccountBrowser().send("POST", `${one.origin}/api/account`, {
    name: " ",
    email: "nowhere",
    password: "short",
  });
  expect(answer).toMatchObject({
    status: 400,
    body: { errors: [{ path: "body.name" }, { path: "body.email" }, { path: "body.password" }] },
  });
  expect((await one.pool.query("SELECT FROM accounts")).rowCount).toBe(0);
});

test("somebody unknown and a wrong password get the same answer in the same time", async () => {
  const usual = await serve({ passwords: new Passwords(), attempts: new Attempts({ most: 1_000, minutes: 1 }) });
  await register(ada, usual);
  const attempt = async (email: string) => {
    const start = performance.now();
    const { status, body, headers } = await signIn(email, "wrong horse battery", usual);
    const { requestId: _, ...said } = body as { requestId: string };
    return { time: performance.now() - start, said: { status, said, cookies: headers.getSetCookie() } };
  };
  const times: [number, number][] = [];
  for (let round = 0; round < 11; round += 1) {
    const [wrong, unknown] = [await attempt(ada.email), await attempt("nobody@example.com")];
    expect(unknown.said).toEqual(wrong.said);
    times.push([wrong.time, unknown.time]);
  }
  const median = (which: 0 | 1) => times.map((pair) => pair[which]).sort((a, b) => a - b)[5] ?? 0;
  expect(median(1) / median(0)).toBeGreaterThan(0.5);
  expect(median(1) / median(0)).toBeLessThan(2);
});

test("wrong passwords are limited by account, known or not, and by address, and the answer says how and until when", async () => {
  const strict = await serve({ attempts: new Attempts({ most: 3, minutes: 15 }) });
  await register(ada, strict);
  for (const email of [ada.email, "nobody@example.com"]) {
    for (let nth = 0; nth < 3; nth += 1) expect((await signIn(email, "wrong", strict)).status).toBe(401);
    // The right one, too: nobody learns from the answer that it was right.
    const refused = await signIn(email.toUpperCase(), ada.password, strict);
    expect(refused).toMatchObject({
      status: 429,
      body: { detail: "More than 3 wrong passwords in 15 minutes for this account. Try again in 15 minutes." },
    });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(880);
  }
  const narrow = await serve({ perMinute: 2 });
  for (const email of ["a@example.com", "b@example.com"])
    expect((await signIn(email, "wrong", narrow)).status).toBe(401);
  const refused = await signIn("c@example.com", "wrong", narrow);
  expect(refused).toMatchObject({ status: 429, body: { detail: "More than 2 requests in a minute." } });
});

test("the right password forgets the wrong ones", async () => {
  const strict = await serve({ attempts: new Attempts({ most: 3, minutes: 15 }) });
  await register(ada, strict);
  for (let round = 0; round < 3; round += 1) {
    for (let nth = 0; nth < 2; nth += 1) expect((await signIn(ada.email, "wrong", strict)).status).toBe(401);
    expect((await signIn(ada.email, ada.password, strict)).status).toBe(200);
  }
});

test("a sign-in makes a new hash when its cost has changed", async () => {
  await register();
  const hash = async () =>
    ((await one.pool.query("SELECT password_hash FROM accounts")).rows[0] as { password_hash: string }).password_hash;
  const before = await hash();
  const dearer = await serve({ passwords: new Passwords({ cost: { ...cheap, passes: 2 } }) });
  expect((await signIn(ada.email, "wrong", dearer)).status).toBe(401);
  expect(await hash()).toBe(before);
  expect((await signIn(ada.email, ada.password, dearer)).status).toBe(200);
  expect(await hash()).toContain("$m=64,t=2,p=1$");
  expect((await signIn(ada.email, ada.password, dearer)).status).toBe(200);
});

test("a new password needs the old one, and ends the other sessions, not this one", async () => {
  const here = await register();
  const elsewhere = new AccountBrowser();
  await signIn(ada.email, ada.password, one, elsewhere);
  const change = (body: object) => here.send("POST", `${one.origin}/api/account/password`, body);
  const password = "a new horse battery";
  expect(await change({ password })).toMatchObject({ status: 403, body: { detail: "This needs your password." } });
  expect(await change({ password, current: "wrong" })).toMatchObject({ status: 403 });
  expect(await change({ password: "short", current: ada.password })).toMatchObject({ status: 400 });
  expect(await change({ password, current: ada.password })).toMatchObject({ status: 204 });
  expect((await here.send("GET", `${one.origin}/api/session`)).status).toBe(200);
  expect((await here.send("POST", `${one.origin}/api/session/refresh`)).status).toBe(200);
  expect((await elsewhere.send("GET", `${one.origin}/api/session`)).status).toBe(401);
  expect((await elsewhere.send("POST", `${one.origin}/api/session/refresh`)).status).toBe(401);
  expect((await signIn(ada.email, ada.password)).status).toBe(401);
  expect((await signIn(ada.email, password)).status).toBe(200);
});

test("deleting takes the service's rows and all sessions with it, in one transaction", async () => {
  let fail = true;
  const service = await serve({
    onDelete: async (client, account) => {
      await client.query("DELETE FROM routines WHERE owner = $1", [account]);
      if (fail) throw new Error("no");
    },
  });
  const browser = await register(ada, service);
  await one.pool.query("CREATE TABLE routines AS SELECT id AS owner FROM accounts");
  const rows = async () =>
    (
      await one.pool.query(
        "SELECT (SELECT count(*)::int FROM routines) AS r, (SELECT count(*)::int FROM accounts) AS a",
      )
    ).rows[0];
  const remove = (password: string) => browser.send("DELETE", `${service.origin}/api/account`, { password });
  expect((await remove("wrong")).status).toBe(403);
  expect((await remove(ada.password)).status).toBe(500);
  expect(await rows()).toEqual({ r: 1, a: 1 });
  fail = false;
  const copy = new AccountBrowser();
  await signIn(ada.email, ada.password, service, copy);
  expect((await remove(ada.password)).status).toBe(204);
  expect(await rows()).toEqual({ r: 0, a: 0 });
  await expect.poll(async () => (await copy.send("GET", `${service.origin}/api/session`)).status).toBe(401);
  await register(ada, service);
});

test("no password and no token is logged or stored as it is", async () => {
  const lines: string[] = [];
  const service = await serve({ lines });
  const browser = await register(ada, service);
  const secrets = browser.cookiesOf(service.origin).map((cookie) => cookie.split("=")[1] ?? "");
  expect(secrets).toHaveLength(2);
  await signIn(ada.email, "a wrong password", service);
  const stored = JSON.stringify([
    (await one.pool.query("SELECT * FROM accounts")).rows,
    (await one.pool.query("SELECT encode(hash, 'escape') AS t, * FROM refresh_tokens")).rows,
    (await one.pool.query("SELECT * FROM sign_ins")).rows,
  ]);
  for (const secret of [...secrets, ada.password, "a wrong password"]) {
    expect(stored).not.toContain(secret);
    expect(lines.join("")).not.toContain(secret);
  }
  expect(lines.join("")).toContain("/api/session");
});

test("a service may have the tables in a schema of its own", async () => {
  const name = `accounts${++databases}`;
  environment = { LOG_LEVEL: "silent", ...(await postgres.createDatabase(name)) };
  const first = await serve();
  const users = pgSchema("users");
  await createTables(first.pool, { users, ...accountTables(users.table) });
  // As a role of that name has it by itself.
  await first.pool.query(`ALTER DATABASE ${name} SET search_path = users`);
  const service = await serve();
  await register(ada, service);
  expect((await signIn(ada.email, ada.password, service)).status).toBe(200);
  const { rows } = await first.pool.query(
    "SELECT DISTINCT schemaname FROM pg_tables WHERE tablename ~ 'account|sign_in'",
  );
  expect(rows).toEqual([{ schemaname: "users" }]);
});
