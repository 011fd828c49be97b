import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import {
  AccountBrowser,
  type AccountService,
  createAccountTables,
  startAccountService,
} from "../../testing/account-service.ts";
import { startOpenIdIssuer, type TestOpenIdIssuer } from "../../testing/openid-issuer.ts";
import { startPostgres, type TestPostgres } from "../../testing/postgres.ts";
import { freePort } from "../../testing/process.ts";

const parts = new AsyncDisposableStack();
let postgres: TestPostgres;
let issuer: TestOpenIdIssuer;
let databases = 0;
let service: AccountService;
let origin: string;
let port: string;

beforeAll(async () => {
  postgres = parts.use(await startPostgres());
  port = String(await freePort());
  origin = `http://127.0.0.1:${port}`;
  issuer = parts.use(await startOpenIdIssuer(`${origin}/api/auth/google/callback`));
  const email = "ada@example.com";
  issuer.accounts.set("ada", { name: "Ada at the issuer", email, email_verified: true });
  issuer.accounts.set("mallory", { name: "Mallory", email, email_verified: false });
  issuer.accounts.set("grace", { name: "Grace", email: "grace@example.com", email_verified: true });
});
afterAll(() => parts.disposeAsync());
beforeEach(async () => {
  service = await startAccountService({
    environment: {
      ...(await postgres.createDatabase(`links${++databases}`)),
      ...issuer.environment,
      PORT: port,
      PUBLIC_URL: origin,
      OIDC_ALLOWED: "*",
      OIDC_CALLBACK_PATH: "/api/auth/google/callback",
      LOG_LEVEL: "silent",
    },
  });
  await createAccountTables(service.pool);
});
afterEach(() => service[Symbol.asyncDispose]());

const home = (next: URL) => next.origin === origin && !next.pathname.startsWith("/api/");
const byIssuer = async (login: string, browser = new AccountBrowser()) => {
  const there = await browser.signIn(`${origin}/api/session/sign-in?return=/home`, login, home);
  return { browser, there };
};
const ada = { name: "Ada", email: "Ada@example.com", password: "correct horse battery" };
const register = async () => {
  const browser = new AccountBrowser();
  expect((await browser.send("POST", `${origin}/api/account`, ada)).status).toBe(201);
  return browser;
};
interface Me {
  id: string;
  name: string;
  email: string | null;
  hasPassword: boolean;
  links: { issuer: string }[];
}
const me = async (browser: AccountBrowser): Promise<Me> => (await browser.send("GET", `${origin}/api/account`)).body;
const link = async (browser: AccountBrowser, login: string, password?: string) => {
  const body = { return: "/settings", ...(password !== undefined && { password }) };
  const answer = await browser.send("POST", `${origin}/api/account/links`, body);
  expect(answer.status).toBe(200);
  return browser.signIn((answer.body as { location: string }).location, login, home);
};
const unlink = (browser: AccountBrowser, password?: string) =>
  browser.send("DELETE", `${origin}/api/account/links`, {
    issuer: issuer.issuer,
    ...(password !== undefined && { password }),
  });

test("the first visit makes an account, the next finds it, and who is asked for is read as with a password", async () => {
  const { browser, there } = await byIssuer("grace");
  expect(there).toBe(`${origin}/home`);
  expect((await browser.send("GET", `${origin}/api/session`)).body).toMatchObject({ name: "Grace", by: "oidc" });
  const first = await me(browser);
  expect(first).toMatchObject({ email: "grace@example.com", hasPassword: false, links: [{ issuer: issuer.issuer }] });
  expect((await me((await byIssuer("grace")).browser)).id).toBe(first.id);
  expect((await browser.send("POST", `${origin}/api/session/refresh`)).body).toMatchObject({ by: "oidc" });
});

test("an address that the issuer has not proven leads to no account, and is not kept", async () => {
  const browser = await register();
  const mallory = await byIssuer("mallory");
  expect(mallory.there).toBe(`${origin}/home`);
  const hers = await me(mallory.browser);
  expect(hers).toMatchObject({ name: "Mallory", email: null });
  expect(hers.id).not.toBe((await me(browser)).id);
});

test("nor does a proven one: who registered with it may be somebody else, who keeps nothing of the other", async () => {
  await register();
  const { browser, there } = await byIssuer("ada");
  expect(there).toBe(`${origin}/sign-in?problem=account-exists`);
  expect((await browser.send("GET", `${origin}/api/session`)).status).toBe(401);
  expect((await service.pool.query("SELECT FROM account_links")).rowCount).toBe(0);
});

test("who signs in by the password links the issuer, with the password, and then comes in by both", async () => {
  const browser = await register();
  const { id } = await me(browser);
  const refused = await browser.send("POST", `${origin}/api/account/links`, {});
  expect(refused).toMatchObject({ status: 403, body: { detail: "This needs your password." } });
  expect(await link(browser, "ada", ada.password)).toBe(`${origin}/settings`);
  expect(await me(browser)).toMatchObject({ id, hasPassword: true, links: [{ issuer: issuer.issuer }] });
  expect(await me((await byIssuer("ada")).browser)).toMatchObject({ id, name: "Ada" });
});

test("an issuer's person is one account's: a second account cannot link it", async () => {
  const grace = await byIssuer("grace");
  const browser = await register();
  expect(await link(browser, "grace", ada.password)).toBe(`${origin}/sign-in?problem=linked-elsewhere`);
  expect((await me(browser)).links).toEqual([]);
  expect((await me(grace.browser)).links).toHaveLength(1);
});

test("a link that another browser, or another person in it, brings back is not made", async () => {
  const [hers, his] = [await register(), new AccountBrowser()];
  const start = await hers.send("POST", `${origin}/api/account/links`, { password: ada.password });
  const { location } = start.body as { location: string };
  const callback = await his.signIn(location, "mallory", (next) => next.origin === origin);
  expect((await his.ask(callback)).headers.get("location")).toBe("/sign-in?problem=expired");
  // She signs out on the way, and somebody else signs in.
  await hers.send("POST", `${origin}/api/session/sign-out`);
  await hers.send("POST", `${origin}/api/account`, { ...ada, email: "other@example.com" });
  expect(await hers.signIn(location, "mallory", home)).toBe(`${origin}/sign-in?problem=expired`);
  expect((await service.pool.query("SELECT FROM account_links")).rowCount).toBe(0);
});

test("one way in stays: the last link goes only after a password is set", async () => {
  const { browser } = await byIssuer("grace");
  expect(await unlink(browser)).toMatchObject({ status: 409 });
  const password = "grace's new password";
  expect((await browser.send("POST", `${origin}/api/account/password`, { password })).status).toBe(204);
  expect(await unlink(browser)).toMatchObject({ status: 403 });
  expect((await unlink(browser, password)).status).toBe(204);
  expect((await unlink(browser, password)).status).toBe(404);
  const again = new AccountBrowser();
  const credentials = { email: "grace@example.com", password };
  expect((await again.send("POST", `${origin}/api/session`, credentials)).status).toBe(200);
  // And the issuer's person, who has proven the address, is sent to the password.
  expect((await byIssuer("grace")).there).toBe(`${origin}/sign-in?problem=account-exists`);
});

test("without a password, what a stolen session must not do needs a fresh sign-in", async () => {
  const { browser } = await byIssuer("grace");
  await service.pool.query("UPDATE sign_ins SET created_at = now() - interval '11 minutes'");
  await browser.send("POST", `${origin}/api/session/refresh`);
  const set = () => browser.send("POST", `${origin}/api/account/password`, { password: "grace's new password" });
  expect(await set()).toMatchObject({ status: 403, body: { detail: expect.stringContaining("Sign in again first") } });
  expect((await browser.send("DELETE", `${origin}/api/account`, {})).status).toBe(403);
  await byIssuer("grace", browser);
  expect((await set()).status).toBe(204);
});

test("a person without an address names one with the password, unless it is somebody's", async () => {
  await register();
  const { browser } = await byIssuer("mallory");
  const set = (email?: string) =>
    browser.send("POST", `${origin}/api/account/password`, { password: "mallory's password", email });
  expect(await set()).toMatchObject({ status: 400 });
  expect(await set("ADA@example.com")).toMatchObject({ status: 409 });
  expect(await set("mallory@example.com")).toMatchObject({ status: 204 });
  expect(await me(browser)).toMatchObject({ email: "mallory@example.com", hasPassword: true });
});

test("two first visits at a time are one account", async () => {
  const [one, other] = await Promise.all([byIssuer("grace"), byIssuer("grace")]);
  expect((await me(one.browser)).id).toBe((await me(other.browser)).id);
});
