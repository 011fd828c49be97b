import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { limits } from "@slipway/contract/limits.ts";
import type { TestNginx } from "@slipway/kit/testing/nginx.ts";
import { temporaryFolder } from "@slipway/kit/testing/process.ts";
import { bareFirstLoad, firstLoad, ratio } from "@slipway/ui/testing/first-load.ts";
import { themeTokens } from "@slipway/ui/testing/theme.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { build, startConsole } from "./testing/site.ts";

const parts = new AsyncDisposableStack();
let html: string;
let nginx: TestNginx;
let origin: string;

beforeAll(async () => {
  html = await build();
  // A backend that says what reached it.
  const echo = createServer((request, response) => {
    if (request.url === "/api/events") {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.write("data: first\n\n");
      return;
    }
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ path: request.url, headers: request.headers }));
  });
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  parts.defer(() => {
    echo.close();
    echo.closeAllConnections();
  });
  nginx = parts.use(await startConsole(html, `127.0.0.1:${(echo.address() as AddressInfo).port}`));
  origin = `http://127.0.0.1:${nginx.port}`;
});
afterAll(async () => {
  await parts.disposeAsync();
});

const page = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(origin + path, { headers });
  return { response, text: await response.text() };
};

test("every address of the application is its page, with a nonce of its own and never kept", async () => {
  const nonces = new Set<string>();
  for (const path of ["/", "/deliveries", "/deliveries/17400000000-1", "/no/such/page"]) {
    const { response, text } = await page(path);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-cache");
    const policy = response.headers.get("content-security-policy") ?? "";
    const nonce = /style-src 'self' 'nonce-([0-9a-f]{32})'/.exec(policy)?.[1] ?? "";
    expect(text).toContain(`ngcspnonce="${nonce}"`);
    expect(text).not.toContain("page-nonce");
    expect(policy).not.toContain("unsafe");
    expect(text).not.toMatch(/<script>|<style|\son\w+=/);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    nonces.add(nonce);
  }
  expect(nonces.size).toBe(4);
});

test.each([
  [{}, "en"],
  [{ "Accept-Language": "es-MX,es;q=0.9,en;q=0.8" }, "es"],
  [{ "Accept-Language": "fr-CH, fr;q=0.9, es;q=0.8, en;q=0.7" }, "es"],
  [{ "Accept-Language": "en-GB,es;q=0.5" }, "en"],
  [{ "Accept-Language": "est,en" }, "en"],
  [{ "Accept-Language": "es", Cookie: "language=en" }, "en"],
  [{ Cookie: "scheme=dark; language=es" }, "es"],
  [{ Cookie: "language=../../etc" }, "en"],
])("the page's language: %j is %s", async (headers, language) => {
  const { response, text } = await page("/measures", headers);
  expect(text).toContain(`<html lang="${language}"`);
  expect(text).toContain(`<base href="/${language}/"`);
  expect(response.headers.get("vary")).toContain("Cookie");
});

test("colours and contrast come from their cookies, and nothing else does", async () => {
  const { text } = await page("/", { Cookie: 'scheme=dark; contrast="><script>' });
  expect(text).toContain('data-scheme="dark" data-contrast="system"');
});

test("so do the text's size and motion", async () => {
  const { text } = await page("/", { Cookie: "text=larger; motion=reduced" });
  expect(text).toContain('data-scheme="system" data-contrast="system" data-text="larger" data-motion="reduced"');
  expect((await page("/", { Cookie: "text=huge; motion=0" })).text).toContain(
    'data-text="standard" data-motion="system"',
  );
});

test("files: those with a hash for ever, in their compressed twin; what is not there is not the page", async () => {
  const files = await readdir(join(html, "es"));
  const main = files.find((name) => /^main-.*\.js$/.test(name)) ?? "";
  const response = await fetch(`${origin}/es/${main}`);
  expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect(response.headers.get("content-encoding")).toBe("gzip");
  expect(response.headers.get("content-type")).toContain("javascript");
  expect(await response.text()).toBe(await readFile(join(html, "es", main), "utf8"));
  expect(gunzipSync(await readFile(join(html, "es", `${main}.gz`))).toString()).toBe(
    await readFile(join(html, "es", main), "utf8"),
  );
  for (const name of files.filter((each) => /\.(js|css)$/.test(each)))
    expect((await fetch(`${origin}/es/${name}`, { method: "HEAD" })).headers.get("cache-control")).toContain(
      "immutable",
    );
  const [font] = await readdir(join(html, "es/media"));
  expect((await fetch(`${origin}/es/media/${font ?? ""}`)).headers.get("content-type")).toBe("font/woff2");
  expect((await fetch(`${origin}/es/favicon.svg`)).headers.get("cache-control")).toBe("public, max-age=3600");
  for (const path of ["/es/main-ZZZZZZZZ.js", "/favicon.ico", "/en/index.html", "/robots.txt"])
    expect((await fetch(origin + path)).status).toBe(404);
});

test("the backend's paths go there, with what a caller says about itself replaced", async () => {
  const headers = { "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "X-Request-Id": "mine" };
  for (const path of ["/api/deliveries?limit=1", "/docs", "/docs/x.js", "/openapi.json", "/health", "/health/ready"]) {
    const { response, text } = await page(path, headers);
    const seen = JSON.parse(text) as { path: string; headers: Record<string, string> };
    expect(seen.path).toBe(path);
    expect(seen.headers["x-forwarded-for"]).toBe("127.0.0.1");
    expect(seen.headers["x-forwarded-proto"]).toBe("http");
    expect(seen.headers["x-request-id"]).toMatch(/^[0-9a-f]{32}$/);
    expect(response.headers.get("content-security-policy")).toBeNull();
  }
  // Only whole path segments.
  expect((await page("/apiary")).text).toContain("<app-root");
});

test("behind TLS, browsers are told to keep to it, and the backend how the visitor came", async () => {
  const secure = `http://127.0.0.1:${nginx.https}`;
  for (const path of ["/", "/api/deliveries", "/gateway/health", "/es/favicon.svg"]) {
    const one = await fetch(secure + path);
    expect(one.headers.get("strict-transport-security"), path).toBe("max-age=31536000");
    const other = await fetch(origin + path);
    expect(other.headers.get("strict-transport-security"), path).toBeNull();
  }
  const { headers } = (await (await fetch(`${secure}/api/x`)).json()) as { headers: Record<string, string> };
  expect(headers["x-forwarded-proto"]).toBe("https");
});

test("what comes in without TLS is led to the same address with it", async () => {
  for (const method of ["GET", "POST"]) {
    const address = `http://localhost:${nginx.redirect}/deliveries?state=failed`;
    const answer = await fetch(address, { method, redirect: "manual" });
    expect(answer.status).toBe(308);
    expect(answer.headers.get("location")).toBe("https://localhost/deliveries?state=failed");
  }
});

test("an event goes out when it comes in", async () => {
  const response = await fetch(`${origin}/api/events`, { signal: AbortSignal.timeout(5_000) });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const { value } = await reader.read();
  expect(new TextDecoder().decode(value)).toBe("data: first\n\n");
  await reader.cancel();
});

test("a one-time link's token is in no log", async () => {
  await fetch(`${origin}/api/session/first?token=secret-of-once`);
  const log = await nginx.daemon.output();
  expect(log).toContain('"path":"/api/session/first"');
  expect(log).not.toContain("secret-of-once");
});

test("a backend that is away is a 502, while the page and nginx's own health are there", async () => {
  await using empty = await temporaryFolder("html");
  await using alone = await startConsole(empty.path, "127.0.0.1:1");
  expect((await fetch(`http://127.0.0.1:${alone.port}/api/session`)).status).toBe(502);
  expect((await fetch(`http://127.0.0.1:${alone.port}/gateway/health`)).status).toBe(200);
});

test("every token of Material's that a component reads is in the theme", async () => {
  const { read, missing } = await themeTokens(join(html, "en"));
  expect(read.length).toBeGreaterThan(20);
  expect(missing).toEqual([]);
});

test("what comes first is at most 1.3 times a bare `ng new`", async () => {
  const bare = await bareFirstLoad();
  expect(ratio(await firstLoad(join(html, "en")), bare)).toBeLessThanOrEqual(1.3);
});

test("the largest report that the pipeline may send is let through, and nothing larger", async () => {
  const send = async (bytes: number) =>
    (await fetch(`${origin}/api/reports`, { method: "POST", body: "x".repeat(bytes) })).status;
  expect([await send(limits.bytes), await send(limits.bytes + 1)]).toEqual([200, 413]);
});
