import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { connectionOf, createApp } from "@slipway/kit";
import { startNginx } from "@slipway/kit/testing/nginx.ts";
import { startPostgres, type TestPostgres } from "@slipway/kit/testing/postgres.ts";
import { eventually, freePort, startDaemon, temporaryFolder } from "@slipway/kit/testing/process.ts";
import { documentedRoutes, mountedRoutes } from "@slipway/kit/testing/routes.ts";
import { startRedis, type TestRedis } from "@slipway/kit/testing/redis.ts";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAppContext } from "./context.ts";
import { createApi } from "./api.ts";
import { migrateForTest, startReplica, testConfig } from "./testing.ts";

const parts = new AsyncDisposableStack();
let postgres: TestPostgres;
let redis: TestRedis;
let environment: Record<string, string>;

beforeAll(async () => {
  postgres = parts.use(await startPostgres());
  redis = parts.use(await startRedis());
  environment = { ...(await postgres.createDatabase("service")), REDIS_PORT: String(redis.port) };
  await migrateForTest(testConfig(environment));
});
afterAll(async () => {
  await parts.disposeAsync();
});

const replica = (extra: Record<string, string> = {}) => startReplica(testConfig({ ...environment, ...extra }));

/** Starts the service as the image does, in a process of its own. */
async function startProcess(folder: string, name: string) {
  const port = await freePort();
  const fast = { SHUTDOWN_DELAY_MS: "500", TRUSTED_PROXIES: "loopback", HOSTNAME: name };
  const ports = { PORT: String(port), METRICS_PORT: "0", REDIS_HOST: "127.0.0.1" };
  const daemon = await startDaemon(process.execPath, [join(import.meta.dirname, "main.ts")], {
    log: join(folder, `${name}.log`),
    env: { PATH: process.env.PATH ?? "", ...environment, ...ports, ...fast },
  });
  const address = `127.0.0.1:${port}`;
  await eventually(async () => {
    if (daemon.child.exitCode !== null) throw new Error(`it ended:\n${await daemon.output()}`);
    const response = await fetch(`http://${address}/health/ready`);
    if (response.status !== 200) throw new Error(await response.text());
  });
  return { address, daemon };
}

describe("routes", () => {
  test("/ answers in its document's words, with the pod's name", async () => {
    await using one = await replica({ HOSTNAME: "pod-1" });
    const { status, body, headers } = await one.get("/");
    expect({ status, body }).toEqual({
      status: 200,
      body: { mensaje: "Sistema Distribuido funcionando", hostname: "pod-1" },
    });
    expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(headers.get("x-powered-by")).toBeNull();
  });

  test("the version is what runs: of an image reference its digest alone", async () => {
    const SERVICE_VERSION = `000000000000.dkr.ecr.us-east-1.amazonaws.com/slipway/visits-api@sha256:${"a".repeat(64)}`;
    await using one = await replica({ SERVICE_VERSION });
    expect((await one.get("/version")).body).toMatchObject({
      service: "visits-api",
      version: `sha256:${"a".repeat(64)}`,
    });
  });

  test("history and statistics tell pods and times apart; probes and HEAD are not counted", async () => {
    const own = { ...environment, ...(await postgres.createDatabase("history")) };
    await migrateForTest(testConfig(own));
    await using one = await startReplica(testConfig({ ...own, HOSTNAME: "one" }));
    await using two = await startReplica(testConfig({ ...own, HOSTNAME: "two" }));
    for (let i = 0; i < 3; i++) await one.get("/hits");
    await two.get("/hits");
    const probe = await two.get<{ hits: number; counted: boolean }>("/hits", { "User-Agent": "kube-probe/1.35" });
    expect(probe.body).toMatchObject({ hits: 4, counted: false });
    await fetch(`http://127.0.0.1:${two.service.port}/hits`, { method: "HEAD" });
    for (const path of ["/health/live", "/health/ready", "/health"]) await two.get(path);

    const statistics = (await one.get<Record<string, unknown>>("/statistics")).body;
    expect(statistics).toMatchObject({ total: 4, recent: { minute: 4, hour: 4, day: 4 } });
    expect(statistics.pods).toMatchObject([
      { pod: "one", visits: 3 },
      { pod: "two", visits: 1 },
    ]);
    const start = new Date();
    start.setUTCHours(0, 0, 0, 0);
    const { body } = await one.get("/history?interval=day&pod=one");
    expect(body).toEqual({
      interval: "day",
      entries: [{ start: start.toISOString(), pod: "one", visits: 3 }],
      truncated: false,
    });
    expect((await one.get(`/history?to=${start.toISOString()}`)).body).toMatchObject({ entries: [] });
  });

  test("a bad query is a 400 that names every wrong field", async () => {
    await using one = await replica();
    const { status, body } = await one.get<{ errors: { path: string }[] }>("/history?interval=year&from=yesterday");
    expect(status).toBe(400);
    expect(body.errors.map((error) => error.path)).toEqual(["query.interval", "query.from"]);
  });

  test("the OpenAPI document and the mounted routes are the same", async () => {
    await using one = await replica();
    const document = (await one.get<{ paths: Record<string, object> }>("/openapi.json")).body;
    const documented = documentedRoutes(document);
    // A fresh API, read as Express sees it.
    const context = createAppContext(testConfig(environment));
    const app = createApp({ ...context, api: createApi(context) });
    const mounted = mountedRoutes(app);
    await context.end();
    expect(mounted.length).toBeGreaterThan(8);
    expect(documented.sort()).toEqual(mounted.sort());
    const page = await fetch(`http://127.0.0.1:${one.service.port}/docs`);
    expect(page.headers.get("content-type")).toBe("text/html");
    expect(await page.text()).toContain("/statistics");
  });

  test("metrics are on their own port, under route templates", async () => {
    await using one = await replica();
    await one.get("/hits");
    await one.get("/no/such/page");
    const metrics = await (await fetch(`http://127.0.0.1:${one.service.metricsPort}/metrics`)).text();
    expect(metrics).toMatch(/http_request_duration_seconds_count\{method="GET",route="\/hits",status="200"\} 1/);
    expect(metrics).toMatch(/route="unmatched",status="404"\} 1/);
    expect(metrics).not.toContain("/no/such/page");
    expect(metrics).toMatch(/visits_counted_total\{source="\w+"\} 1/);
    expect((await fetch(`http://127.0.0.1:${one.service.port}/metrics`)).status).toBe(404);
  });
});

describe("the caller's address", () => {
  const spoofed = { "X-Forwarded-For": "203.0.113.7", "X-Request-Id": "from-outside" };

  test("X-Forwarded-For and X-Request-Id from somebody who is not the proxy are ignored", async () => {
    await using one = await replica({ TRUSTED_PROXIES: "10.0.0.0/8" });
    const { body, headers } = await one.get<{ address: string; requestId: string }>("/client", spoofed);
    expect(body.address).toMatch(/^(::ffff:)?127\.0\.0\.1$/);
    expect(body.requestId).not.toBe("from-outside");
    expect(headers.get("x-request-id")).toBe(body.requestId);
  });

  test("the trusted proxy is believed", async () => {
    await using one = await replica({ TRUSTED_PROXIES: "loopback" });
    expect((await one.get("/client", spoofed)).body).toEqual({ address: "203.0.113.7", requestId: "from-outside" });
  });
});

describe("behind nginx", () => {
  test("ten requests are answered by two pods, spoofed headers go no further, health stays inside", async () => {
    await using folder = await temporaryFolder("visits");
    const [one, two] = await Promise.all([startProcess(folder.path, "pod-1"), startProcess(folder.path, "pod-2")]);
    await using gateway = await startNginx(join(import.meta.dirname, "../../nginx"), [one.address, two.address]);
    const origin = `http://127.0.0.1:${gateway.port}`;
    const hostnames = new Set<string>();
    for (let i = 0; i < 10; i++)
      hostnames.add(((await (await fetch(`${origin}/`)).json()) as { hostname: string }).hostname);
    expect(hostnames).toEqual(new Set(["pod-1", "pod-2"]));

    const headers = { "X-Forwarded-For": "203.0.113.7", "X-Request-Id": "from-outside" };
    const answer = await fetch(`${origin}/client`, { headers });
    const client = (await answer.json()) as { address: string; requestId: string };
    expect(client.address).toBe("127.0.0.1");
    expect(client.requestId).toMatch(/^[0-9a-f]{32}$/);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect((await fetch(`${origin}/health/ready`)).status).toBe(404);

    // A pod that is gone: what may be repeated is answered by the other one.
    await one.daemon.stop("SIGKILL");
    for (let i = 0; i < 6; i++) expect((await fetch(`${origin}/version`)).status).toBe(200);
    await two.daemon.stop();
    const lines = (await gateway.daemon.output())
      .trim()
      .split("\n")
      .filter((line) => line.startsWith("{"));
    expect(lines.map((line) => JSON.parse(line).requestId)).toContain(client.requestId);
  });
});

describe("the end of a process", () => {
  test("SIGTERM under load: not ready at once, every request answered, exit code 0", async () => {
    await using folder = await temporaryFolder("visits");
    const { address, daemon } = await startProcess(folder.path, "leaving");
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    const ask = async (path: string): Promise<number | string | undefined> => {
      try {
        const call = request(`http://${address}${path}`, { agent }).end();
        const [response] = (await once(call, "response")) as [IncomingMessage];
        await text(response);
        return response.statusCode;
      } catch (error) {
        return String(error);
      }
    };
    const outcomes: (number | string | undefined)[] = [];
    let routed = true;
    let open = 0;
    const senders = Array.from({ length: 20 }, async () => {
      while (routed) {
        open += 1;
        outcomes.push(await ask("/hits"));
        open -= 1;
      }
    });
    await wait(300);
    daemon.child.kill("SIGTERM");
    await eventually(async () => expect(await ask("/health/ready")).toBe(503), 250);
    // The last requests are held up until long after the port was closed.
    const blocker = new pg.Client(connectionOf(testConfig(environment)));
    await blocker.connect();
    await blocker.query("BEGIN; LOCK TABLE visits IN EXCLUSIVE MODE");
    routed = false;
    await wait(700);
    await expect(fetch(`http://${address}/version`)).rejects.toThrow();
    const held = open;
    await blocker.query("COMMIT");
    await blocker.end();
    await Promise.all(senders);
    await eventually(() => expect(daemon.child.exitCode).toBe(0));
    agent.destroy();
    expect(outcomes.filter((outcome) => outcome !== 200)).toEqual([]);
    expect(held).toBeGreaterThan(0);
    expect(await daemon.output()).toContain('"closed"');
  });

  test("a bad environment is one message that names every variable, and exit code 1", async () => {
    await using folder = await temporaryFolder("visits");
    const env = { PATH: process.env.PATH ?? "", DATABASE_PASSWORD: "hidden", PORT: "many" };
    const daemon = await startDaemon(process.execPath, [join(import.meta.dirname, "main.ts")], {
      log: join(folder.path, "log"),
      env,
    });
    await once(daemon.child, "exit");
    expect(daemon.child.exitCode).toBe(1);
    const output = await daemon.output();
    for (const name of ["PORT", "DATABASE_HOST", "DATABASE_NAME", "DATABASE_USER", "REDIS_HOST"])
      expect(output).toContain(`${name}: `);
    expect(output).not.toContain("hidden");
  });
});

describe("migrations", () => {
  test("twice at once and once more: each is applied once", async () => {
    const config = testConfig({ ...environment, ...(await postgres.createDatabase("migrations")) });
    await Promise.all([migrateForTest(config), migrateForTest(config)]);
    await migrateForTest(config);
    const client = new pg.Client(connectionOf(config));
    await client.connect();
    const { rows } = await client.query("SELECT count(*)::int AS applied FROM drizzle.__drizzle_migrations");
    const { rows: counters } = await client.query("SELECT count(*)::int AS rows FROM counter");
    await client.end();
    expect(rows[0]).toEqual({ applied: 2 });
    expect(counters[0]).toEqual({ rows: 1 });
  });
});
