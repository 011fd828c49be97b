import { setTimeout as wait } from "node:timers/promises";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startPostgres, type TestPostgres } from "../../testing/postgres.ts";
import { eventually } from "../../testing/process.ts";
import { createTables } from "../../testing/tables.ts";
import { createPool, inTransaction } from "../database/database.ts";
import { databaseVariables, readEnv, serviceVariables } from "../service/config.ts";
import { createLogger } from "../service/logger.ts";
import { createMetrics } from "../service/metrics.ts";
import { type DispatcherOptions, OutboxDispatcher } from "./dispatcher.ts";
import { Inbox } from "./inbox.ts";
import { appendToOutbox, type OutboxMessage } from "./outbox.ts";
import { inbox, outbox } from "./tables.ts";

const parts = new AsyncDisposableStack();
let postgres: TestPostgres;
let databases = 0;
let config: ReturnType<typeof read>;
let pool: pg.Pool;
let seen: OutboxMessage[];

const read = (environment: Record<string, string>) =>
  readEnv({ ...serviceVariables, ...databaseVariables }, { LOG_LEVEL: "silent", ...environment });

const newPool = () => {
  const made = createPool(config, createLogger(config));
  parts.defer(() => made.end());
  return made;
};

/** One replica's dispatcher; it fails where `deliver` throws. */
function dispatch(options: Partial<DispatcherOptions> = {}) {
  const metrics = createMetrics();
  const dispatcher = new OutboxDispatcher({
    config,
    logger: createLogger(config),
    pool: newPool(),
    metrics,
    deliver: async (message) => seen.push(message),
    backoff: 20,
    ...options,
  });
  dispatcher.start();
  parts.defer(() => dispatcher.stop());
  return Object.assign(dispatcher, { metrics });
}

const append = (key: string, ...payloads: unknown[]) =>
  inTransaction(pool, (client) =>
    appendToOutbox(
      client,
      payloads.map((payload) => ({ key, topic: "order", payload })),
    ),
  );
const rows = async (what: string) =>
  (await pool.query<Record<string, unknown>>(`SELECT ${what} FROM outbox ORDER BY seq`)).rows;
const payloads = () => seen.map(({ payload }) => payload);

beforeAll(async () => {
  postgres = parts.use(await startPostgres());
});
afterAll(() => parts.disposeAsync());
beforeEach(async () => {
  config = read(await postgres.createDatabase(`outbox${++databases}`));
  pool = newPool();
  seen = [];
  await createTables(pool, { outbox, inbox });
});

test("what is committed is delivered within a moment, and what is rolled back never", async () => {
  const dispatcher = dispatch({ interval: 60_000 });
  await wait(300);
  const rolledBack = inTransaction(pool, async (client) => {
    await appendToOutbox(client, { key: "a", topic: "order", payload: "never" });
    throw new Error("no");
  });
  await expect(rolledBack).rejects.toThrow("no");
  const start = performance.now();
  await append("a", { what: "tea", ñ: [1, null] });
  await eventually(() => expect(payloads()).toEqual([{ what: "tea", ñ: [1, null] }]), 2_000);
  expect(performance.now() - start).toBeLessThan(1_500);
  expect(seen[0]).toMatchObject({ key: "a", topic: "order", attempt: 1, id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  await dispatcher.stop();
  expect(await rows("delivered_at IS NOT NULL AS done, attempts")).toEqual([{ done: true, attempts: 1 }]);
  expect(await dispatcher.metrics.registry.getSingleMetricAsString("outbox_attempts_total")).toContain(
    'outbox_attempts_total{topic="order",outcome="delivered"} 1',
  );
});

test("a lost notification costs time and no message", async () => {
  await append("a", 1);
  dispatch({ interval: 100 });
  await eventually(() => expect(payloads()).toEqual([1]));
  // As appendToOutbox does, but without waking anybody.
  await pool.query("INSERT INTO outbox (key, topic, payload) VALUES ('a', 'order', '2')");
  await eventually(() => expect(payloads()).toEqual([1, 2]));
});

test("messages of a key come in the order of their commits, also when transactions overlap and deliveries fail", async () => {
  let failures = 0;
  const flaky = async (message: OutboxMessage) => {
    if (message.attempt === 1 && Math.random() < 0.3) {
      failures += 1;
      throw new Error("not yet");
    }
    await wait(Math.random() * 3);
    seen.push(message);
  };
  dispatch({ deliver: flaky, backoff: 5 });
  dispatch({ deliver: flaky, backoff: 5 });
  const committed: Record<string, number[]> = { a: [], b: [], c: [] };
  const write = async (nth: number) => {
    const key = ["a", "b", "c"][nth % 3] ?? "a";
    await inTransaction(pool, async (client) => {
      await wait(Math.random() * 20);
      await appendToOutbox(client, { key, topic: "order", payload: nth });
      // Whoever has appended holds the key until the commit: this order is the commits' order.
      committed[key]?.push(nth);
      await wait(Math.random() * 5);
    });
  };
  await Promise.all(Array.from({ length: 90 }, (_, nth) => write(nth)));
  await eventually(() => expect(seen).toHaveLength(90));
  for (const key of ["a", "b", "c"])
    expect(
      seen.filter((message) => message.key === key).map(({ payload }) => payload),
      key,
    ).toEqual(committed[key]);
  expect(failures).toBeGreaterThan(0);
});

test("two dispatchers never have one message at the same time, and each is delivered once", async () => {
  const underWay = new Set<string>();
  let together = 0;
  let most = 0;
  const deliver = async (message: OutboxMessage) => {
    if (underWay.has(message.id)) together += 1;
    underWay.add(message.id);
    most = Math.max(most, underWay.size);
    await wait(2);
    underWay.delete(message.id);
    seen.push(message);
  };
  for (let nth = 0; nth < 200; nth += 1) await append(`key ${nth % 50}`, nth);
  dispatch({ deliver });
  dispatch({ deliver });
  await eventually(() => expect(new Set(payloads()).size).toBe(200));
  await wait(200);
  expect([together, seen.length]).toEqual([0, 200]);
  expect(most).toBeGreaterThan(4);
});

test("a failure is tried again later with its error kept, then dead; the key goes on, and somebody may revive it", async () => {
  let working = false;
  const dispatcher = dispatch({
    attempts: 3,
    deliver: async (message) => {
      if (message.payload === "bad" && !working) throw new Error(`no\0 ${"x".repeat(2_000)}`);
      seen.push(message);
    },
  });
  await append("a", "bad", "good");
  await append("b", "other");
  await eventually(() => expect(payloads()).toEqual(["other", "good"]));
  expect((await rows("attempts, left(error, 5) AS error, length(error), dead_at IS NOT NULL AS dead"))[0]).toEqual({
    attempts: 3,
    error: "no xx",
    length: 1_000,
    dead: true,
  });
  const text = await dispatcher.metrics.registry.getSingleMetricAsString("outbox_attempts_total");
  expect(text).toContain('{topic="order",outcome="failed"} 2');
  expect(text).toContain('{topic="order",outcome="dead"} 1');
  working = true;
  expect(await dispatcher.revive()).toBe(1);
  await eventually(() => expect(payloads()).toEqual(["other", "good", "bad"]));
  expect((await rows("error"))[0]).toEqual({ error: null });
});

test("one that hangs is told when its time is up, and holds up nobody but its key", async () => {
  dispatch({
    timeout: 300,
    attempts: 1,
    deliver: async (message, signal) => {
      if (message.key === "slow") await wait(60_000, undefined, { signal });
      seen.push(message);
    },
  });
  await append("slow", 1);
  await wait(50);
  await append("quick", 2);
  await eventually(() => expect(payloads()).toEqual([2]), 250);
  await eventually(async () => expect((await rows("dead_at IS NOT NULL AS dead"))[0]).toEqual({ dead: true }));
});

test("what was under way when the connection broke is told so, and delivered again", async () => {
  let aborted: unknown;
  dispatch({
    interval: 100,
    deliver: async (message, signal) => {
      if (aborted === undefined) {
        await pool.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'");
        await wait(5_000, undefined, { signal }).catch(() => (aborted = signal.reason));
      }
      seen.push(message);
    },
  });
  await append("a", 1);
  await eventually(() => expect(payloads()).toEqual([1, 1]));
  expect(aborted).toMatchObject({ message: "the connection to the database broke" });
  // At least once means this: the consumer's inbox makes it once.
  const handled = new Inbox(pool, "mailer");
  let work = 0;
  for (const message of seen) await handled.once(message, async () => (work += 1));
  expect(work).toBe(1);
});

test("stopping takes nothing new and waits for what is under way", async () => {
  const dispatcher = dispatch({
    atOnce: 1,
    deliver: async (message) => {
      await wait(200);
      seen.push(message);
    },
  });
  await append("a", 1, 2);
  await wait(100);
  await dispatcher.stop();
  expect(payloads()).toEqual([1]);
  expect(await rows("delivered_at IS NOT NULL AS done")).toEqual([{ done: true }, { done: false }]);
  await dispatcher.stop();
});

test("what is delivered is forgotten after its time; what waits and what is dead stays, and is measured", async () => {
  await append("a", 1, 2, 3, 4);
  await pool.query("UPDATE outbox SET delivered_at = now() - interval '73 hours' WHERE payload = '1'");
  await pool.query("UPDATE outbox SET delivered_at = now() - interval '71 hours' WHERE payload = '2'");
  await pool.query("UPDATE outbox SET dead_at = now() - interval '99 hours' WHERE payload = '3'");
  await pool.query(
    "UPDATE outbox SET next_at = now() + interval '1 hour', created_at = now() - interval '1 hour' WHERE payload = '4'",
  );
  const { metrics } = dispatch();
  await eventually(async () => expect(await rows("payload")).toEqual([2, 3, 4].map((payload) => ({ payload }))));
  const gauge = async (name: string) =>
    Number((await metrics.registry.getSingleMetricAsString(name)).split("\n").at(-1)?.split(" ")[1]);
  expect([await gauge("outbox_waiting"), await gauge("outbox_dead")]).toEqual([1, 1]);
  expect(await gauge("outbox_lag_seconds")).toBeGreaterThan(3_590);
});

test("an inbox handles a message once, also when two come at a time, and again when it failed", async () => {
  await pool.query("CREATE TABLE stock (left_over int)");
  const handled = new Inbox(pool, "stock");
  const message = { id: "6f1c1c8e-3f0e-4e52-9a57-0a8c3a1d2b10" };
  const work = (client: pg.PoolClient) => client.query("INSERT INTO stock VALUES (1)");
  const failing = handled.once(message, async (client) => {
    await work(client);
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  const all = await Promise.all([1, 2, 3].map(() => handled.once(message, work)));
  expect(all.filter(Boolean)).toHaveLength(1);
  expect(await new Inbox(pool, "other").once(message, async () => {})).toBe(true);
  expect((await pool.query("SELECT FROM stock")).rowCount).toBe(1);
  await pool.query("UPDATE inbox SET handled_at = now() - interval '31 days'");
  expect([await handled.forget(), await handled.forget()]).toEqual([1, 0]);
});
