import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { close, listen } from "../../tools/listening.ts";
import { type Proxy, startProxy } from "./proxy.ts";

/** What the upstream of a test has got, the newest last. */
let got: { method: string; url: string; host: string; body: Buffer }[];
let answer: () => { status?: number; headers?: Record<string, string>; body: string | (() => AsyncIterable<unknown>) };
let upstream: Server;
let proxy: Proxy;

beforeEach(async () => {
  got = [];
  answer = () => ({ body: "{}" });
  upstream = createServer((request, response) => {
    const respond = async () => {
      const body = await buffer(request);
      got.push({ method: request.method ?? "", url: request.url ?? "", host: request.headers.host ?? "", body });
      const { status = 200, headers = {}, body: content } = answer();
      response.writeHead(status, headers);
      await pipeline(Readable.from(typeof content === "string" ? [content] : content()), response);
    };
    // What a test breaks off is not a failure of the upstream.
    respond().catch(() => response.destroy());
  });
  proxy = await startProxy({ upstream: `http://127.0.0.1:${await listen(upstream)}` });
});

afterEach(async () => {
  await proxy.stop();
  await close(upstream);
});

function signedFor(service: string): Record<string, string> {
  const scope = `AKIAIOSFODNN7EXAMPLE/20261122/eu-central-1/${service}/aws4_request`;
  return { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` };
}

function ecr(action: string): Promise<Response> {
  return fetch(proxy.endpoint, {
    method: "POST",
    headers: {
      ...signedFor("ecr"),
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AmazonEC2ContainerRegistry_V20150921.${action}`,
    },
    body: "{}",
  });
}

async function logIn(): Promise<Record<string, string>> {
  const before = answer;
  answer = () => ({
    headers: { "content-type": "application/x-amz-json-1.1" },
    body: JSON.stringify({ authorizationData: [{ authorizationToken: "other", proxyEndpoint: "https://elsewhere" }] }),
  });
  const { authorizationData } = (await (await ecr("GetAuthorizationToken")).json()) as {
    authorizationData: { authorizationToken: string; proxyEndpoint: string }[];
  };
  answer = before;
  expect(authorizationData[0]?.proxyEndpoint).toBe(proxy.endpoint);
  return { authorization: `Basic ${authorizationData[0]?.authorizationToken}` };
}

test("a request arrives as it was sent, with its own Host, and its answer comes back as it was given", async () => {
  answer = () => ({ status: 418, headers: { "x-amz-crc32": "1", "x-other": "2" }, body: "short" });
  const response = await ecr("DescribeRepositories");
  expect([response.status, response.headers.get("x-amz-crc32"), response.headers.get("x-other")]).toEqual([
    418,
    "1",
    "2",
  ]);
  expect(await response.text()).toBe("short");
  expect(got).toMatchObject([{ method: "POST", url: "/", host: new URL(proxy.endpoint).host }]);
  expect(got[0]?.body.toString()).toBe("{}");
});

test("what was asked for is written down, counted, and forgotten on request", async () => {
  await ecr("DescribeRepositories");
  await ecr("DescribeRepositories");
  await ecr("CreateRepository");
  const reading = {
    service: "ecr",
    action: "DescribeRepositories",
    mutating: false,
    region: "eu-central-1",
    status: 200,
  };
  expect(proxy.requests).toMatchObject([reading, reading, { action: "CreateRepository", mutating: true }]);
  expect(proxy.counts.get("ecr:DescribeRepositories")).toBe(2);
  proxy.forget();
  expect([proxy.requests.length, proxy.counts.size]).toEqual([0, 0]);
});

test("the emulator's own pages pass and are no requests to AWS", async () => {
  answer = () => ({ body: "ready" });
  const response = await fetch(`${proxy.endpoint}/_ministack/health`);
  expect(await response.text()).toBe("ready");
  expect(proxy.requests).toEqual([]);
});

test("an emulator that is gone is a 502 that says so", async () => {
  await close(upstream);
  const response = await ecr("DescribeRepositories");
  expect(response.status).toBe(502);
  expect(await response.text()).toContain("emulator did not answer");
});

test("the registry asks for ECR's token, and takes only one that was given out", async () => {
  const anonymous = await fetch(`${proxy.endpoint}/v2/`);
  expect(anonymous.status).toBe(401);
  expect(anonymous.headers.get("www-authenticate")).toBe(
    `Basic realm="${proxy.endpoint}/",service="ecr.amazonaws.com"`,
  );
  const invented = { authorization: `Basic ${Buffer.from("AWS:invented").toString("base64")}` };
  expect((await fetch(`${proxy.endpoint}/v2/`, { headers: invented })).status).toBe(401);
  expect(got).toEqual([]);
  expect((await fetch(`${proxy.endpoint}/v2/`, { headers: await logIn() })).status).toBe(200);
});

test("a layer is passed on while it is still being sent, byte for byte", async () => {
  const headers = await logIn();
  const layer = Array.from({ length: 64 }, () => randomBytes(128 * 1024));
  let started = () => {};
  const start = new Promise<void>((resolve) => (started = resolve));
  upstream.once("request", (request) => request.once("data", started));
  const parts = async function* () {
    yield layer[0];
    // Waits for ever where the whole body is collected first.
    await start;
    yield* layer.slice(1);
  };
  answer = () => ({ status: 202, headers: { location: "/v2/project/name/blobs/uploads/2" }, body: "" });
  const url = `${proxy.endpoint}/v2/project/name/blobs/uploads/1`;
  const response = await fetch(url, { method: "PATCH", headers, body: Readable.from(parts()), duplex: "half" });
  expect([response.status, response.headers.get("location")]).toEqual([202, "/v2/project/name/blobs/uploads/2"]);
  expect(got.at(-1)?.body.equals(Buffer.concat(layer))).toBe(true);
  expect(proxy.requests.at(-1)).toMatchObject({
    action: "PATCH blobs/uploads",
    mutating: true,
    path: { name: "project/name" },
  });
});

test("a layer is answered while the upstream is still sending it, byte for byte", async () => {
  const headers = await logIn();
  const layer = Array.from({ length: 64 }, () => randomBytes(128 * 1024));
  let started = () => {};
  const start = new Promise<void>((resolve) => (started = resolve));
  answer = () => ({
    body: async function* () {
      yield layer[0];
      await start;
      yield* layer.slice(1);
    },
  });
  const response = await fetch(`${proxy.endpoint}/v2/project/name/blobs/sha256:1`, { headers });
  const received: Uint8Array[] = [];
  for await (const chunk of response.body ?? []) {
    received.push(chunk);
    started();
  }
  expect(Buffer.concat(received).equals(Buffer.concat(layer))).toBe(true);
});

test("a client that goes away takes its request to the emulator with it", async () => {
  const headers = await logIn();
  const gone = new Promise<void>((resolve) => {
    upstream.once("request", (request) => request.once("close", resolve));
  });
  const endless = Readable.from(
    (async function* () {
      for (;;) {
        yield Buffer.alloc(64);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })(),
  );
  const controller = new AbortController();
  const sending = fetch(`${proxy.endpoint}/v2/a/b/blobs/uploads/1`, {
    method: "PATCH",
    headers,
    body: endless,
    duplex: "half",
    signal: controller.signal,
  });
  setTimeout(() => controller.abort(), 100);
  await expect(sending).rejects.toThrow("aborted");
  await gone;
});
