import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { startPostgres, type TestPostgres } from "../../testing/postgres.ts";
import { createPool } from "../database/database.ts";
import { Api } from "../http/api.ts";
import { databaseVariables, readEnv, serviceVariables } from "../service/config.ts";
import { Health } from "../service/health.ts";
import { createLogger } from "../service/logger.ts";
import { startService } from "../service/service.ts";
import { idempotencyKeyOf, IdempotencyKeys } from "./idempotency.ts";

const parts = new AsyncDisposableStack();
let postgres: TestPostgres;
let databases = 0;
/** Two replicas of a service. */
let pools: [pg.Pool, pg.Pool];
let keys: [IdempotencyKeys, IdempotencyKeys];

const quiet = { PORT: "0", METRICS_PORT: "0", LOG_LEVEL: "silent", SHUTDOWN_DELAY_MS: "0" };

beforeAll(async () => {
  postgres = parts.use(await startPostgres());
});
afterAll(() => parts.disposeAsync());
beforeEach(async () => {
  const environment = { ...quiet, ...(await postgres.createDatabase(`idempotency${++databases}`)) };
  const config = readEnv({ ...serviceVariables, ...databaseVariables }, environment);
  const logger = createLogger(config);
  const pool = () => {
    const made = createPool(config, logger);
    parts.defer(() => made.end());
    return made;
  };
  pools = [pool(), pool()];
  keys = [new IdempotencyKeys(pools[0]), new IdempotencyKeys(pools[1])];
  await pools[0].query(
    "CREATE TABLE idempotency_keys (scope text, key text, fingerprint bytea NOT NULL, answer jsonb," +
      " created_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (scope, key))",
  );
  await pools[0].query("CREATE TABLE orders (id serial PRIMARY KEY, what text NOT NULL)");
});

const call = { scope: "orders of ada", key: "key-00000001", request: { what: "tea" } };
const order =
  (what: string, pause = 0) =>
  async (client: pg.PoolClient) => {
    const { rows } = await client.query<{ id: number }>("INSERT INTO orders (what) VALUES ($1) RETURNING id", [what]);
    await wait(pause);
    return { id: rows[0]?.id };
  };
const orders = async () => Number((await pools[0].query("SELECT count(*) FROM orders")).rows[0]?.count);

test("the same key twice is one order, with the first one's answer", async () => {
  expect(await keys[0].once(call, order("tea"))).toEqual({ answer: { id: 1 }, replayed: false });
  expect(await keys[1].once(call, order("tea"))).toEqual({ answer: { id: 1 }, replayed: true });
  expect(await orders()).toBe(1);
});

test("twenty at once on two replicas are one order, and all get its answer", async () => {
  const all = await Promise.all(
    Array.from({ length: 20 }, (_, nth) => (keys[nth % 2] as IdempotencyKeys).once(call, order("tea", 50))),
  );
  expect(await orders()).toBe(1);
  expect(all.filter(({ replayed }) => !replayed)).toHaveLength(1);
  expect(new Set(all.map(({ answer }) => JSON.stringify(answer)))).toEqual(new Set(['{"id":1}']));
});

test("what fails is not kept: the next one with the same key does it", async () => {
  const failing = keys[0].once(call, async (client) => {
    await order("tea")(client);
    throw new Error("out of tea");
  });
  const waiting = keys[1].once(call, order("tea"));
  await expect(failing).rejects.toThrow("out of tea");
  expect(await waiting).toMatchObject({ replayed: false });
  expect(await orders()).toBe(1);
});

test("another request under the same key is refused; another person's or another thing's key is another", async () => {
  await keys[0].once(call, order("tea"));
  await expect(keys[0].once({ ...call, request: { what: "coffee" } }, order("coffee"))).rejects.toMatchObject({
    status: 422,
  });
  expect(await keys[0].once({ ...call, scope: "orders of grace" }, order("tea"))).toMatchObject({ replayed: false });
  expect(await orders()).toBe(2);
});

test("keys are forgotten when they are old", async () => {
  await keys[0].once(call, order("tea"));
  expect(await keys[0].forget()).toBe(0);
  await pools[0].query("UPDATE idempotency_keys SET created_at = now() - interval '25 hours'");
  expect(await keys[0].forget()).toBe(1);
  expect(await keys[0].once(call, order("tea"))).toMatchObject({ replayed: false });
});

test("an answer that is lost after the commit: the caller asks again, and there is one order", async () => {
  const config = readEnv(serviceVariables, quiet);
  const logger = createLogger(config);
  const api = new Api({ title: "shop", version: "1" });
  let lose = true;
  const body = z.object({ what: z.string() });
  const spec = { summary: "Order", body, response: z.object({ id: z.number().optional() }), status: 201 };
  api.post("/orders", spec, async ({ request, response, body: wanted }) => {
    const key = idempotencyKeyOf(request);
    const { answer } = await keys[0].once({ scope: "orders of ada", key, request: wanted }, order(wanted.what));
    if (lose) {
      lose = false;
      response.destroy();
      await once(response, "close");
    }
    return answer;
  });
  const service = await startService({ config, logger, api, health: new Health() });
  parts.defer(() => service.stop());
  const send = (key: string) =>
    fetch(`http://127.0.0.1:${service.port}/orders`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Idempotency-Key": key },
      body: JSON.stringify({ what: "tea" }),
    });
  await expect(send('"3f2b9a10-once"')).rejects.toThrow();
  const answer = await send('"3f2b9a10-once"');
  expect(answer.status).toBe(201);
  expect(await answer.json()).toEqual({ id: 1 });
  expect(await orders()).toBe(1);
  for (const bad of ["", "short", "with space in it", '"half-quoted', `"${"x".repeat(129)}"`])
    expect((await send(bad)).status).toBe(400);
  expect(await orders()).toBe(1);
});
