import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { Api } from "../http/api.ts";
import { deadlineOf } from "../http/deadlines.ts";
import { Problem } from "../http/problems.ts";
import { readEnv, serviceVariables } from "../service/config.ts";
import { Health } from "../service/health.ts";
import { createLogger } from "../service/logger.ts";
import { createMetrics, type Metrics } from "../service/metrics.ts";
import { type Service, startService } from "../service/service.ts";
import { Deadline } from "./deadline.ts";
import { Dependency, type DependencyOptions } from "./dependency.ts";

/** A real server that a service depends on, which does what the test says. */
let server: Server;
let origin: string;
/** What each request does: an answer's status, a cut connection, or no answer at all. */
let behaviour: (nth: number) => number | "cut" | "silent";
let asked: { headers: Record<string, string | string[] | undefined> }[];
let metrics: Metrics;
let services: Service[];

beforeEach(async () => {
  behaviour = () => 200;
  asked = [];
  services = [];
  metrics = createMetrics();
  server = createServer((request, response) => {
    asked.push({ headers: request.headers });
    const does = behaviour(asked.length);
    if (does === "cut") request.socket.destroy();
    else if (does !== "silent") response.writeHead(does).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await Promise.all(services.map((service) => service.stop()));
  server.closeAllConnections();
  server.close();
});

const dependency = (more: Partial<DependencyOptions> = {}) =>
  new Dependency({ name: "orders", metrics, timeout: 200, openFor: 300, ...more });

/** Asks as services do: what is not an answer is thrown. */
const ask =
  (headers: Record<string, string> = {}) =>
  async (signal: AbortSignal) => {
    const response = await fetch(origin, { signal, headers });
    if (response.status >= 500) throw new Error(`answered ${response.status}`);
    if (!response.ok) throw new Problem(response.status, "It says no.");
    return response.status;
  };

async function value(name: string, labels: Record<string, string>): Promise<number> {
  const found = await metrics.registry.getSingleMetric(name)?.get();
  const fits = (each: { labels: object }) =>
    Object.entries(labels).every(([label, wanted]) => (each.labels as Record<string, unknown>)[label] === wanted);
  return found?.values.filter(fits).reduce((sum, each) => sum + each.value, 0) ?? Number.NaN;
}
const calls = (outcome: string) => value("dependency_calls_total", { dependency: "orders", outcome });

describe("a dependency", () => {
  test("that answers is asked once", async () => {
    expect(await dependency().run(ask(), { repeatable: true })).toBe(200);
    expect(asked).toHaveLength(1);
    expect(await calls("answered")).toBe(1);
    expect(await value("dependency_call_duration_seconds", { dependency: "orders" })).toBeGreaterThan(0);
  });

  test.each(["cut", 503] as const)("that fails once (%s) is asked again, where that does no harm", async (failure) => {
    behaviour = (nth) => (nth === 1 ? failure : 200);
    expect(await dependency().run(ask(), { repeatable: true })).toBe(200);
    expect(asked).toHaveLength(2);
    expect(await value("dependency_retries_total", { dependency: "orders" })).toBe(1);
  });

  test("is never asked twice for what must not happen twice", async () => {
    behaviour = () => 503;
    await expect(dependency().run(ask())).rejects.toMatchObject({ status: 503, retryAfter: 1 });
    expect(asked).toHaveLength(1);
  });

  test("that is down gets at most three attempts a call", async () => {
    behaviour = () => "cut";
    await expect(dependency({ failures: 100 }).run(ask(), { repeatable: true })).rejects.toThrow(
      "orders does not answer.",
    );
    expect(asked).toHaveLength(3);
  });

  test("that is silent is given up after its time-out", async () => {
    behaviour = () => "silent";
    const start = performance.now();
    await expect(dependency().run(ask())).rejects.toMatchObject({ status: 503 });
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(await calls("timeout")).toBe(1);
  });

  test("that says no has answered: it is not asked again, and its words go on", async () => {
    behaviour = () => 404;
    const orders = dependency({ failures: 1 });
    await expect(orders.run(ask(), { repeatable: true })).rejects.toMatchObject({ status: 404 });
    expect(asked).toHaveLength(1);
    expect(orders.state).toBe("closed");
    expect(await calls("answered")).toBe(1);
  });

  test("that fails again and again is left alone for a while, then tried by one call", async () => {
    behaviour = () => "cut";
    const orders = dependency({ failures: 3 });
    for (let i = 0; i < 3; i++) await expect(orders.run(ask())).rejects.toMatchObject({ status: 503 });
    expect(orders.state).toBe("open");
    expect(await value("dependency_breaker", { dependency: "orders", state: "open" })).toBe(1);
    await expect(orders.run(ask(), { repeatable: true })).rejects.toMatchObject({ status: 503, retryAfter: 1 });
    expect(asked).toHaveLength(3);
    expect(await calls("refused")).toBe(1);
    behaviour = () => 200;
    await wait(350);
    expect(await orders.run(ask())).toBe(200);
    expect(orders.state).toBe("closed");
    expect(await value("dependency_breaker", { dependency: "orders", state: "closed" })).toBe(1);
  });

  test("two of them have one set of series", async () => {
    await dependency().run(ask());
    await dependency({ name: "users" }).run(ask());
    expect(await value("dependency_calls_total", { outcome: "answered" })).toBe(2);
  });
});

describe("a deadline", () => {
  test("ends a call, and says nothing about the dependency", async () => {
    behaviour = () => "silent";
    const orders = dependency({ timeout: 5_000, failures: 1 });
    const start = performance.now();
    const call = orders.run(ask(), { deadline: new Deadline(100), repeatable: true });
    await expect(call).rejects.toMatchObject({ status: 504 });
    expect(performance.now() - start).toBeLessThan(2_000);
    // The attempt itself ends a moment after the call.
    await expect.poll(() => calls("deadline")).toBe(1);
    expect(orders.state).toBe("closed");
  });

  test("that is over makes no call", async () => {
    await expect(dependency().run(ask(), { deadline: new Deadline(0) })).rejects.toMatchObject({ status: 504 });
    expect(asked).toEqual([]);
  });

  test("counts the pauses between attempts", async () => {
    behaviour = () => "cut";
    const orders = dependency({ retries: 50, failures: 1_000 });
    const start = performance.now();
    await expect(orders.run(ask(), { deadline: new Deadline(300), repeatable: true })).rejects.toMatchObject({
      status: 504,
    });
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});

const token = "a-token-of-at-least-32-characters";

/** A service that hands its deadline on to the server. */
async function startHop(environment: NodeJS.ProcessEnv = {}): Promise<Service> {
  const config = readEnv(serviceVariables, { PORT: "0", METRICS_PORT: "0", SHUTDOWN_DELAY_MS: "0", ...environment });
  const logger = createLogger({ ...config, LOG_LEVEL: "silent" });
  const api = new Api({ title: "hop", version: "1" });
  const orders = dependency({ timeout: 5_000 });
  api.get("/orders", { summary: "Orders", response: z.number() }, async ({ response }) => {
    const deadline = deadlineOf(response);
    await wait(20);
    return orders.run(ask(deadline?.headers()), { deadline });
  });
  const service = await startService({ config, logger, api, health: new Health(), metrics });
  services.push(service);
  return service;
}

describe("from service to service", () => {
  const get = (service: Service, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${service.port}/orders`, { headers });

  test("a deadline shrinks", async () => {
    expect((await get(await startHop(), { "X-Deadline-Ms": "2000" })).status).toBe(200);
    const handed = Number(asked[0]?.headers["x-deadline-ms"]);
    expect(handed).toBeGreaterThan(0);
    expect(handed).toBeLessThan(2_000);
  });

  test("one that is over on the way ends the call", async () => {
    behaviour = () => "silent";
    const answer = await get(await startHop(), { "X-Deadline-Ms": "150" });
    expect(answer.status).toBe(504);
    expect(answer.headers.get("content-type")).toContain("problem+json");
  });

  test("one that was over before is refused before anything is asked", async () => {
    expect((await get(await startHop(), { "X-Deadline-Ms": "0" })).status).toBe(504);
    expect(asked).toEqual([]);
  });

  test.each(["-1", "soon", "1e3", "600001", "1, 2", ""])("%j is refused as a deadline", async (header) => {
    const answer = await get(await startHop(), { "X-Deadline-Ms": header });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("0 to 600000");
  });

  test("without one there is none", async () => {
    expect((await get(await startHop())).status).toBe(200);
    expect(asked[0]?.headers).not.toHaveProperty("x-deadline-ms");
  });
});

describe("faults", () => {
  const faults = (service: Service, method: string, body?: unknown, bearer = token) =>
    fetch(`http://127.0.0.1:${service.metricsPort}/faults`, {
      method,
      headers: { Authorization: `Bearer ${bearer}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const status = async (service: Service, path = "/orders") =>
    (await fetch(`http://127.0.0.1:${service.port}${path}`)).status;

  test("are not there without a token, and never on the service's own port", async () => {
    const without = await startHop();
    expect((await faults(without, "PUT", { status: 503, seconds: 10 })).status).toBe(404);
    const guarded = await startHop({ FAULT_TOKEN: token });
    expect(await status(guarded, "/faults")).toBe(404);
  });

  test("are for those who know the token", async () => {
    const service = await startHop({ FAULT_TOKEN: token });
    for (const wrong of ["", "x", `${token}x`])
      expect((await faults(service, "PUT", { status: 503, seconds: 10 }, wrong)).status).toBe(401);
    expect(await status(service)).toBe(200);
  });

  test("a token that is short is a configuration that cannot be used", async () => {
    await expect(startHop({ FAULT_TOKEN: "short" })).rejects.toThrow("FAULT_TOKEN");
  });

  test("errors come where they were asked for, never at health, and end", async () => {
    const service = await startHop({ FAULT_TOKEN: token });
    expect((await faults(service, "PUT", { status: 503, path: "/orders", seconds: 60 })).status).toBe(200);
    expect(await status(service)).toBe(503);
    expect(await status(service, "/openapi.json")).toBe(200);
    await faults(service, "PUT", { status: 500, seconds: 60 });
    expect(await status(service, "/openapi.json")).toBe(500);
    expect(await status(service, "/health/live")).toBe(200);
    expect(await status(service, "/health")).toBe(200);
    expect(await (await faults(service, "GET")).json()).toMatchObject({ fault: { status: 500, share: 1 } });
    await faults(service, "DELETE");
    expect(await status(service)).toBe(200);
    expect(await value("injected_faults_total", { kind: "error" })).toBe(2);
  });

  test("latency comes, and ends by itself", async () => {
    const service = await startHop({ FAULT_TOKEN: token });
    await faults(service, "PUT", { latencyMs: 300, seconds: 1 });
    const start = performance.now();
    expect(await status(service)).toBe(200);
    expect(performance.now() - start).toBeGreaterThanOrEqual(290);
    await wait(1_000);
    expect(await (await faults(service, "GET")).json()).toEqual({ fault: null, endsInSeconds: 0 });
  });

  test.each([
    {},
    { seconds: 10 },
    { status: 503 },
    { status: 200, seconds: 10 },
    { status: 503, seconds: 10_000 },
    { status: 503, seconds: 10, share: 2 },
    { status: 503, seconds: 10, latency: 5 },
    "no JSON",
  ])("%j is refused as a fault", async (body) => {
    const service = await startHop({ FAULT_TOKEN: token });
    const answer = await faults(service, "PUT", body);
    expect(answer.status).toBe(400);
    expect(await status(service)).toBe(200);
  });
});
