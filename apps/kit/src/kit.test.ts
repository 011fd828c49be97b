import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { Api } from "./http/api.ts";
import { databaseVariables, readEnv, serviceVariables } from "./service/config.ts";
import { Health } from "./service/health.ts";
import { createLogger, type Logger } from "./service/logger.ts";
import { Problem } from "./http/problems.ts";
import { type Service, startService } from "./service/service.ts";

let lines: string[];
let logger: Logger;
let health: Health;
let api: Api;
let services: Service[];

const config = readEnv(serviceVariables, { PORT: "0", METRICS_PORT: "0", SHUTDOWN_DELAY_MS: "0" });

beforeEach(() => {
  lines = [];
  services = [];
  logger = createLogger({ LOG_LEVEL: "info", HOSTNAME: "test", SERVICE_VERSION: "1" }, { write: (l) => lines.push(l) });
  health = new Health();
  api = new Api({ title: "<test>", version: "1" });
});
afterEach(async () => {
  await Promise.all(services.map((service) => service.stop()));
});

/** Serves what was added to `api`; returns a way to ask. */
async function serve() {
  const service = await startService({ config, logger, api, health });
  services.push(service);
  return (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${service.port}${path}`, init);
}

test("every wrong variable is named at once, and no value is repeated", () => {
  const read = () =>
    readEnv(
      { ...serviceVariables, ...databaseVariables },
      { PORT: "70000", DATABASE_PASSWORD: "hidden", DATABASE_HOST: "" },
    );
  expect(read).toThrow(/PORT: [^]*DATABASE_HOST: [^]*DATABASE_NAME: [^]*DATABASE_USER: /);
  expect(read).not.toThrow(/hidden/);
});

test("a configuration is frozen and has its defaults", () => {
  const read = readEnv(serviceVariables, { TRUSTED_PROXIES: "10.0.0.0/8, loopback" });
  expect(read).toMatchObject({ PORT: 8000, METRICS_PORT: 9090, TRUSTED_PROXIES: ["10.0.0.0/8", "loopback"] });
  expect(() => Object.assign(read, { PORT: 1 })).toThrow(TypeError);
});

test("what is secret never reaches the log", () => {
  const headers = { authorization: "Bearer hidden", cookie: "hidden", accept: "text/html" };
  logger.info({ req: { headers }, headers, password: "hidden", user: { token: "hidden" } }, "seen");
  expect(lines.join("")).toContain("text/html");
  expect(lines.join("")).not.toContain("hidden");
});

test("the text of an unexpected error stays in the log; a Problem's is for the caller", async () => {
  api.get("/broken", { summary: "", response: z.string() }, () => {
    throw new Error("the password is wrong");
  });
  api.get("/busy", { summary: "", response: z.string() }, () => {
    throw new Problem(503, "Come back later.", { retryAfter: 3 });
  });
  const ask = await serve();
  const broken = await ask("/broken");
  expect(broken.headers.get("content-type")).toBe("application/problem+json");
  const requestId = broken.headers.get("x-request-id");
  expect(await broken.json()).toEqual({ type: "about:blank", title: "Internal Server Error", status: 500, requestId });
  expect(lines.join("")).toContain("the password is wrong");
  const busy = await ask("/busy");
  expect(busy.headers.get("retry-after")).toBe("3");
  expect(await busy.json()).toMatchObject({ status: 503, detail: "Come back later." });
  expect(await (await ask("/nowhere")).json()).toMatchObject({ status: 404, title: "Not Found" });
});

test("a body is validated before the handler sees it; one that is not JSON or too long is the caller's fault", async () => {
  const body = z.object({ name: z.string().min(1), age: z.int() });
  api.post(
    "/people/:id",
    { summary: "", params: z.object({ id: z.coerce.number() }), body, response: body, status: 201 },
    (call) => ({
      ...call.body,
      age: call.body.age + call.params.id,
    }),
  );
  const ask = await serve();
  const post = (text: string) =>
    ask("/people/2", { method: "POST", body: text, headers: { "Content-Type": "application/json" } });
  const good = await post('{"name":"A user","age":36}');
  expect(good.status).toBe(201);
  expect(await good.json()).toEqual({ name: "A user", age: 38 });
  expect(await (await post('{"name":"","age":1.5}')).json()).toMatchObject({
    status: 400,
    errors: [{ path: "body.name" }, { path: "body.age" }],
  });
  expect((await post("{")).status).toBe(400);
  expect((await post(`{"name":"${"a".repeat(200_000)}"}`)).status).toBe(413);
  expect(Object.keys(api.document().paths ?? {})).toContain("/people/{id}");
});

test("what Node cannot read is answered with a problem, too", async () => {
  const ask = await serve();
  const long = await ask(`/${"a".repeat(20_000)}`);
  expect([long.status, long.headers.get("content-type")]).toEqual([431, "application/problem+json"]);
  expect(await long.json()).toEqual({ type: "about:blank", title: "Request Header Fields Too Large", status: 431 });
  const socket = connect(services[0]?.port ?? 0, "127.0.0.1");
  socket.end("no request\r\n\r\n");
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\n[^]*"status":400}$/);
});

test("readiness: a required check decides, an optional one is shown, a hanging one is down after its time-out", async () => {
  const up = () => Promise.resolve();
  const down = () => Promise.reject(new Error("away"));
  const hangs = () => wait(10_000, undefined, { ref: false });
  const read = (options: ConstructorParameters<typeof Health>[0]) => new Health({ timeout: 50, ...options }).read();
  expect(await read({ required: { a: up }, optional: { b: down } })).toEqual({
    status: "ready",
    checks: { a: "up", b: "down" },
  });
  expect((await read({ required: { a: down } })).status).toBe("not ready");
  const start = performance.now();
  expect((await read({ required: { a: hangs } })).status).toBe("not ready");
  expect(performance.now() - start).toBeLessThan(2_000);
});

test("draining: not ready, still serving, and connections are not kept", async () => {
  const ask = await serve();
  health.draining = true;
  expect((await ask("/health/ready")).status).toBe(503);
  const live = await ask("/health/live");
  expect(live.status).toBe(200);
  expect(live.headers.get("connection")).toBe("close");
});

test("a shutdown does not wait for a caller that keeps its connection, also when it is answered meanwhile", async () => {
  const begun = Promise.withResolvers<undefined>();
  const answer = Promise.withResolvers<string>();
  api.get("/slow", { summary: "", response: z.string() }, () => {
    begun.resolve(undefined);
    return answer.promise;
  });
  const ask = await serve();
  const asked = ask("/slow");
  await begun.promise;
  const start = performance.now();
  const stopped = services[0]?.stop();
  await wait(200);
  answer.resolve("late");
  expect(await (await asked).json()).toBe("late");
  await stopped;
  expect(performance.now() - start).toBeLessThan(5_000);
});

test("a shutdown does not wait for a connection on which nothing ever came", async () => {
  await serve();
  const socket = connect(services[0]?.port ?? 0, "127.0.0.1");
  await once(socket, "connect");
  const start = performance.now();
  await services[0]?.stop();
  expect(performance.now() - start).toBeLessThan(5_000);
  socket.destroy();
});

test("the documentation page shows every route, runs nothing and escapes what it shows", async () => {
  api.get("/things", { summary: "<script>alert(1)</script>", response: z.string() }, () => "");
  const answer = await (await serve())("/docs");
  expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
  const page = await answer.text();
  expect(page).toContain("<code>/things</code>");
  expect(page).not.toContain("<script>");
});
