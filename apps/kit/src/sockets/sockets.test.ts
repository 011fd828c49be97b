import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import WebSocket from "ws";
import { z } from "zod";
import { Api } from "../http/api.ts";
import { Problem } from "../http/problems.ts";
import { readEnv, serviceVariables } from "../service/config.ts";
import { Health } from "../service/health.ts";
import { createLogger } from "../service/logger.ts";
import { createMetrics, type Metrics } from "../service/metrics.ts";
import { type Service, startService } from "../service/service.ts";
import { Sockets, type SocketsOptions } from "./sockets.ts";
import type { SocketOwner } from "./socket.ts";

const config = readEnv(serviceVariables, {
  PORT: "0",
  METRICS_PORT: "0",
  SHUTDOWN_DELAY_MS: "0",
  LOG_LEVEL: "silent",
});
const logger = createLogger(config);
let service: Service;
let sockets: Sockets;
let metrics: Metrics;
let heard: string[];
let parts: AsyncDisposableStack;

beforeEach(() => {
  heard = [];
  parts = new AsyncDisposableStack();
});
afterEach(() => parts.disposeAsync());

/** A service with sockets at /socket, for people who say their name in a header. */
async function serve(options: Partial<SocketsOptions<SocketOwner>> = {}) {
  metrics = createMetrics();
  sockets = new Sockets({
    path: "/socket",
    authenticate: ({ headers }) => {
      const name = headers["x-name"];
      if (name === "broken") throw new Error("no database");
      if (name === "away") throw new Problem(503, "The database does not answer.", { retryAfter: 1 });
      return typeof name === "string" ? { person: name, session: `${name}'s` } : undefined;
    },
    onMessage: (socket, text) => {
      heard.push(text);
      socket.send(`echo ${text}`);
    },
    logger,
    metrics,
    ...options,
  });
  const api = new Api({ title: "chat", version: "1" });
  api.get("/", { summary: "", response: z.string() }, () => "a page");
  const health = new Health({ optional: { sockets: sockets.check } });
  service = await startService({ config, logger, api, health, metrics, sockets });
  parts.defer(() => service.stop());
}

const address = (path = "/socket") => `ws://127.0.0.1:${service.port}${path}`;
const open = async (name = "ada", headers: Record<string, string> = {}) => {
  const ws = new WebSocket(address(), { headers: { "X-Name": name, ...headers } });
  parts.defer(() => ws.terminate());
  await once(ws, "open");
  return ws;
};
const refusal = async (headers: Record<string, string>, path = "/socket") => {
  const ws = new WebSocket(address(path), { headers });
  const [, answer] = (await once(ws, "unexpected-response")) as [unknown, import("node:http").IncomingMessage];
  let body = "";
  for await (const part of answer) body += String(part);
  const { detail } = JSON.parse(body) as { detail: string };
  return { status: answer.statusCode, detail, retry: answer.headers["retry-after"] };
};
const closed = async (ws: WebSocket) => {
  const [code, reason] = (await once(ws, "close")) as [number, Buffer];
  return { code, reason: reason.toString() };
};
const metric = async (name: string) => (await metrics.registry.getSingleMetricAsString(name)).split("\n").slice(2);

test("messages go both ways, in order, also where one takes its time", async () => {
  await serve({
    onMessage: async (socket, text) => {
      await wait(text === "1" ? 50 : 0);
      socket.send(`echo ${text}`);
    },
  });
  const ws = await open();
  const echoes: string[] = [];
  ws.on("message", (data: Buffer) => echoes.push(data.toString()));
  for (const text of ["1", "2", "ñ🙂"]) ws.send(text);
  await expect.poll(() => echoes).toEqual(["echo 1", "echo 2", "echo ñ🙂"]);
  expect(await metric("sockets_open")).toEqual(["sockets_open 1"]);
  expect(await metric("socket_messages_total")).toEqual([
    'socket_messages_total{direction="in"} 3',
    'socket_messages_total{direction="out"} 3',
  ]);
  ws.close(4999);
  await closed(ws);
  await expect.poll(() => metric("socket_closings_total")).toEqual(['socket_closings_total{code="other"} 1']);
  expect(sockets.size).toBe(0);
});

test("nothing is opened on another path, for another page, or for nobody", async () => {
  await serve();
  const host = `127.0.0.1:${service.port}`;
  expect(await refusal({ "X-Name": "ada" }, "/socket/x")).toMatchObject({ status: 404 });
  for (const origin of ["https://evil.example", "null", `http://${host}.evil.example`])
    expect(await refusal({ "X-Name": "ada", Origin: origin }), origin).toMatchObject({ status: 403 });
  expect(await refusal({})).toMatchObject({ status: 401, detail: "Nobody is signed in." });
  expect(await refusal({ "X-Name": "broken" })).toMatchObject({ status: 500, detail: "The service failed." });
  expect(await refusal({ "X-Name": "away" })).toMatchObject({ status: 503, retry: "1" });
  await open("ada", { Origin: `http://${host}` });
  expect(sockets.size).toBe(1);
  // What is asked for is a page; the upgrade is only an offer.
  const connection = connect(service.port, "127.0.0.1");
  connection.end(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n`);
  let answer = "";
  for await (const part of connection) answer += String(part);
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK[^]*"a page"$/);
});

test("origins may be listed", async () => {
  await serve({ origins: ["https://chat.example"] });
  await open("ada", { Origin: "https://chat.example" });
  expect(await refusal({ "X-Name": "ada", Origin: `http://127.0.0.1:${service.port}` })).toMatchObject({ status: 403 });
});

test("a message that is too big, not text, or one too many in a second closes with the limit in words", async () => {
  await serve({ limits: { messageBytes: 10, messagesPerSecond: 3 } });
  const send = async (...messages: (string | Buffer)[]) => {
    const ws = await open();
    for (const message of messages) ws.send(message);
    return closed(ws);
  };
  expect(await send("x".repeat(11))).toEqual({ code: 1009, reason: "A message has at most 10 bytes." });
  expect(await send("x".repeat(1_000))).toMatchObject({ code: 1009 });
  expect(await send(Buffer.from("x"))).toEqual({ code: 1003, reason: "Only text is taken." });
  expect(await send("1", "2", "3", "4")).toEqual({ code: 4429, reason: "At most 3 messages a second." });
  expect(heard).not.toContain("4");
  const ws = await open();
  for (let second = 0; second < 2; second += 1) {
    for (const text of ["a", "b", "c"]) ws.send(text);
    await wait(1_050);
  }
  expect([ws.readyState, heard.filter((text) => /[abc]/.test(text)).length]).toEqual([WebSocket.OPEN, 6]);
});

test("a person has so many sockets, a replica too; readiness shows it and goes on", async () => {
  await serve({ limits: { perPerson: 2, inAll: 3 } });
  const first = await open("ada");
  await open("ada");
  const more = await Promise.all(Array.from({ length: 5 }, () => refusal({ "X-Name": "ada" })));
  expect(new Set(more.map(({ status, detail }) => `${status} ${detail}`))).toEqual(
    new Set(["429 At most 2 WebSockets a person."]),
  );
  await open("grace");
  expect(await refusal({ "X-Name": "edsger" })).toMatchObject({ status: 503, retry: "1" });
  const ready = await fetch(`http://127.0.0.1:${service.port}/health/ready`);
  expect([ready.status, await ready.json()]).toEqual([200, { status: "ready", checks: { sockets: "down" } }]);
  first.close();
  await expect.poll(() => sockets.size).toBe(2);
  await open("ada");
});

test("who does not answer the heartbeat is cut off", async () => {
  await serve({ interval: 50 });
  const [living, dead] = [await open("ada"), new WebSocket(address(), { autoPong: false, headers: { "X-Name": "b" } })];
  await once(dead, "open");
  expect(await closed(dead)).toMatchObject({ code: 1006 });
  await wait(200);
  expect([living.readyState, sockets.size]).toEqual([WebSocket.OPEN, 1]);
});

test("who does not read is closed with 4408", async () => {
  await serve({
    onMessage: (socket) => {
      // More than the sockets' buffers take.
      for (let sent = 0; sent < 64; sent += 1) socket.send("x".repeat(1 << 20));
    },
  });
  const ws = await open();
  ws.send("much");
  ws.pause();
  await expect.poll(() => [...sockets].every((socket) => !socket.isOpen)).toBe(true);
  ws.resume();
  expect(await closed(ws)).toEqual({ code: 4408, reason: "Too much waits to be read." });
  await expect.poll(() => metric("socket_closings_total")).toEqual(['socket_closings_total{code="4408"} 1']);
});

test("a session that ends, or runs out, closes its sockets with 4401 and no others", async () => {
  await serve();
  const [ada, grace] = [await open("ada"), await open("grace")];
  sockets.endSession("ada's");
  expect(await closed(ada)).toEqual({ code: 4401, reason: "The session is over." });
  expect(grace.readyState).toBe(WebSocket.OPEN);
  await service.stop();
  await serve({ authenticate: () => ({ person: "ada", until: new Date(Date.now() + 50) }) });
  expect(await closed(await open())).toMatchObject({ code: 4401 });
});

test("what fails closes that socket with 1011, and the service goes on", async () => {
  await serve({
    onMessage: (_socket, text) => {
      if (text === "bad") throw new Error("bad");
    },
    onOpen: ({ owner }) => {
      if (owner.person === "unlucky") throw new Error("unlucky");
    },
  });
  const [one, other] = [await open(), await open()];
  one.send("bad");
  expect(await closed(one)).toMatchObject({ code: 1011 });
  expect(other.readyState).toBe(WebSocket.OPEN);
  const unlucky = new WebSocket(address(), { headers: { "X-Name": "unlucky" } });
  expect(await closed(unlucky)).toMatchObject({ code: 1011 });
});

test("a shutdown sends all away with 1012 and a moment of their own to come back, and is not held up", async () => {
  await serve();
  const all = await Promise.all(Array.from({ length: 20 }, () => open(`person ${Math.random()}`)));
  // One that never answers the closing.
  const silent = await open("silent");
  silent.pause();
  const closings = Promise.all(all.map(closed));
  const start = performance.now();
  await service.stop();
  expect(performance.now() - start).toBeLessThan(4_000);
  const moments = (await closings).map(({ code, reason }) => {
    expect(code).toBe(1012);
    return (JSON.parse(reason) as { retryMs: number }).retryMs;
  });
  expect(Math.min(...moments)).toBeGreaterThanOrEqual(500);
  expect(new Set(moments).size).toBeGreaterThan(10);
});

test("while it ends, nobody comes in any more", async () => {
  await serve({ authenticate: () => wait(200, { person: "late" }) });
  const late = refusal({});
  await wait(50);
  sockets.close();
  expect(await late).toMatchObject({ status: 503, retry: "1" });
});
