import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../testing/process.ts";
import { startOpenIdIssuer, TestBrowser, type TestOpenIdIssuer } from "../../testing/openid-issuer.ts";
import { Api } from "../http/api.ts";
import { readEnv, serviceVariables } from "../service/config.ts";
import { Health } from "../service/health.ts";
import { createLogger } from "../service/logger.ts";
import type { OneTimeLinks } from "./one-time-links.ts";
import { startService } from "../service/service.ts";
import { addSessionRoutes, type Session, Sessions } from "./session-routes.ts";
import { SignIn } from "./sign-in.ts";
import { openGitHub } from "./sign-in-github.ts";
import { signInRules, signInVariables } from "./sign-in-config.ts";

const parts = new AsyncDisposableStack();
const lines: string[] = [];
let issuer: TestOpenIdIssuer;
let origin: string;
let port: string;

/** Serves nothing but signing in. */
async function serve(environment: Record<string, string>, signIn?: (config: Config) => SignIn) {
  const config = readConfig(environment);
  const logger = createLogger(
    { LOG_LEVEL: "info", HOSTNAME: "", SERVICE_VERSION: "" },
    { write: (l) => lines.push(l) },
  );
  const api = new Api({ title: "test", version: "1" });
  const links = { use: () => Promise.resolve(false) } as unknown as OneTimeLinks;
  const rest = signIn ? { signIn: signIn(config) } : {};
  addSessionRoutes(api, { config, logger, sessions: new Sessions(config), links, ...rest });
  const service = await startService({ config, logger, api, health: new Health() });
  return { [Symbol.asyncDispose]: () => service.stop() };
}

const readConfig = (environment: Record<string, string>) =>
  readEnv(
    { ...serviceVariables, ...signInVariables },
    {
      PORT: port,
      METRICS_PORT: "0",
      SHUTDOWN_DELAY_MS: "0",
      SESSION_KEY: "k".repeat(32),
      PUBLIC_URL: origin,
      ...environment,
    },
    signInRules,
  );
type Config = ReturnType<typeof readConfig>;

beforeAll(async () => {
  port = String(await freePort());
  origin = `http://127.0.0.1:${port}`;
  issuer = parts.use(await startOpenIdIssuer(`${origin}/api/session/callback`));
  issuer.accounts.set("somebody", { name: "A user", email: "somebody@example.com", email_verified: true });
  issuer.accounts.set("another", { name: "Another user", email: "somebody@example.com", email_verified: false });
});
afterAll(() => parts.disposeAsync());

const home = (next: URL) => next.origin === origin && !next.pathname.startsWith("/api/");
const start = (path = "/deliveries?kind=delivery") =>
  `${origin}/api/session/sign-in?return=${encodeURIComponent(path)}`;

describe("with an OpenID Connect issuer", () => {
  const allowed = { OIDC_ALLOWED: "somebody@example.com" };

  test("who is on the list comes in, is known, and goes out", async () => {
    await using _ = await serve({ ...issuer.environment, ...allowed, OIDC_NAME: "Example" });
    const browser = new TestBrowser();
    expect(await (await browser.ask(`${origin}/api/session/options`)).json()).toEqual({
      issuer: "Example",
      oneTimeLink: false,
    });
    expect((await browser.ask(`${origin}/api/session`)).status).toBe(401);
    expect(await browser.signIn(start(), "somebody", home)).toBe(`${origin}/deliveries?kind=delivery`);
    const session = (await (await browser.ask(`${origin}/api/session`)).json()) as Session;
    expect(session).toMatchObject({ name: "A user", by: "oidc" });
    expect(Date.parse(session.expiresAt)).toBeGreaterThan(Date.now() + 11 * 3_600_000);
    const out = await browser.ask(`${origin}/api/session/sign-out`, { method: "POST" });
    expect([out.status, await out.text()]).toEqual([204, ""]);
    expect((await browser.ask(`${origin}/api/session`)).status).toBe(401);
  });

  test("who has not proven the address that is on the list stays out", async () => {
    await using _ = await serve({ ...issuer.environment, ...allowed });
    const browser = new TestBrowser();
    expect(await browser.signIn(start(), "another", home)).toBe(`${origin}/sign-in?problem=not-allowed`);
    expect((await browser.ask(`${origin}/api/session`)).status).toBe(401);
  });

  test("an answer to another browser's flow, or a second time, is refused", async () => {
    await using _ = await serve({ ...issuer.environment, ...allowed });
    const [hers, mine] = [new TestBrowser(), new TestBrowser()];
    const callback = await hers.signIn(start(), "somebody", (next) => next.origin === origin);
    expect(callback).toContain("/api/session/callback?code=");
    const stranger = await mine.ask(callback);
    expect(stranger.headers.get("location")).toBe("/sign-in?problem=expired");
    await mine.ask(start());
    expect((await mine.ask(callback)).headers.get("location")).toBe("/sign-in?problem=failed");
    expect((await hers.ask(callback)).headers.get("location")).toBe("/deliveries?kind=delivery");
    expect((await hers.ask(callback)).headers.get("location")).toBe("/sign-in?problem=expired");
  });

  test("who says no at the issuer is told so", async () => {
    await using _ = await serve({ ...issuer.environment, ...allowed });
    const browser = new TestBrowser();
    await browser.ask(start());
    const back = await browser.ask(`${origin}/api/session/callback?error=access_denied&state=x`);
    expect(back.headers.get("location")).toBe("/sign-in?problem=denied");
  });

  test("nobody is sent to another site", async () => {
    await using _ = await serve({ ...issuer.environment, ...allowed });
    const paths = [
      "//evil.example",
      "/\\evil.example",
      "https://evil.example/",
      "/.//evil.example",
      "/x/..//evil.example",
    ];
    for (const path of [...paths, "/%2e//evil.example", "/\t/evil.example", "/.\t//evil.example"])
      expect(await new TestBrowser().signIn(start(path), "somebody", home)).toBe(`${origin}/`);
  });

  test("an issuer that is away is said so, and asked again by the next one", async () => {
    const away = `http://127.0.0.1:${await freePort()}`;
    await using _ = await serve({ ...issuer.environment, ...allowed, OIDC_ISSUER: away });
    const answer = await new TestBrowser().ask(start());
    expect([answer.status, answer.headers.get("location")]).toEqual([302, "/sign-in?problem=failed"]);
    expect(lines.join("")).toContain("the issuer cannot be asked");
  });
});

test("with GitHub: OAuth 2.0 with PKCE, and the person from its API, by login", async () => {
  const asked: Record<string, string | undefined>[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      response.setHeader("Content-Type", "application/json");
      asked.push({
        path: request.url,
        authorization: request.headers.authorization,
        ...Object.fromEntries(new URLSearchParams(body)),
      });
      if (request.url === "/token") response.end('{"access_token":"gho_1","token_type":"bearer","scope":""}');
      else response.end('{"login":"Somebody","name":null}');
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  parts.defer(() => void server.close());
  const address = server.address();
  const github = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  const addresses = {
    issuer: "https://github.com",
    authorization_endpoint: `${github}/authorize`,
    token_endpoint: `${github}/token`,
    user: `${github}/user`,
  };
  const environment = { ...issuer.environment, OIDC_ISSUER: "https://github.com", OIDC_ALLOWED: "somebody, another" };
  await using _ = await serve(environment, (config) => new SignIn(config, () => openGitHub(config, addresses)));
  const browser = new TestBrowser();
  const there = new URL((await browser.ask(start())).headers.get("location") ?? "");
  expect(there.pathname).toBe("/authorize");
  expect(there.searchParams.get("code_challenge_method")).toBe("S256");
  const state = there.searchParams.get("state") ?? "";
  const back = await browser.ask(`${origin}/api/session/callback?code=c0de&state=${state}`);
  expect(back.headers.get("location")).toBe("/deliveries?kind=delivery");
  expect(asked[0]).toMatchObject({ path: "/token", code: "c0de", client_secret: "only-for-this-test" });
  expect(asked[0]?.["code_verifier"]).toMatch(/^[\w-]{43,}$/);
  expect(asked[1]).toMatchObject({ path: "/user", authorization: "Bearer gho_1" });
  expect(await (await browser.ask(`${origin}/api/session`)).json()).toMatchObject({ name: "Somebody", by: "oidc" });
});

test("an issuer without the rest that it needs is one message", () => {
  const read = () => readConfig({ OIDC_ISSUER: "http://example.com", PUBLIC_URL: "" });
  expect(read).toThrow(/PUBLIC_URL: .*\n.*OIDC_CLIENT_ID: .*\n.*OIDC_ALLOWED: .*\n.*OIDC_ISSUER: has to be https/);
});
