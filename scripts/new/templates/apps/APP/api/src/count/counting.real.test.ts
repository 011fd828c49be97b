import { startPostgres, type TestPostgres } from "@slipway/kit/testing/postgres.ts";
// if cache
import { eventually } from "@slipway/kit/testing/process.ts";
import { startRedis, type TestRedis } from "@slipway/kit/testing/redis.ts";
// end
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrateForTest, type Replica, startReplica, testConfig } from "../testing.ts";

const parts = new AsyncDisposableStack();
let postgres: TestPostgres;
// if cache
let redis: TestRedis;
// end

beforeAll(async () => {
  postgres = parts.use(await startPostgres());
  // if cache
  redis = parts.use(await startRedis());
  // end
});
afterAll(() => parts.disposeAsync());

/** The settings of replicas over a database of their own. */
async function settings(name: string) {
  const config = testConfig({
    ...(await postgres.createDatabase(name)),
    // if cache
    REDIS_PORT: String(redis.port),
    // end
  });
  await migrateForTest(config);
  return config;
}

const click = async (replica: Replica) =>
  ((await replica.ask("/api/count", { method: "POST" })).body as { count: number }).count;

test("100 clicks at once on two replicas get the numbers 1 to 100", async () => {
  const config = await settings("clicks");
  await using one = await startReplica(config);
  await using two = await startReplica(config);
  expect((await one.ask("/health/ready")).status).toBe(200);
  const counts = await Promise.all(Array.from({ length: 100 }, (_, index) => click(index % 2 ? one : two)));
  expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
});
// if !cache

test("what was counted is there after a restart of the database", async () => {
  const config = await settings("restart");
  await using replica = await startReplica(config);
  expect(await replica.ask("/api/count")).toEqual({ status: 200, body: { count: 0 } });
  expect(await click(replica)).toBe(1);
  await postgres.stop();
  expect((await replica.ask("/api/count")).status).toBe(503);
  await postgres.start();
  expect(await replica.ask("/api/count")).toEqual({ status: 200, body: { count: 1 } });
});
// end
// if cache

test("Redis answers while it is there, and PostgreSQL when it is not", async () => {
  const config = await settings("cached");
  await using replica = await startReplica(config);
  await eventually(async () => {
    expect((await replica.ask("/health/ready")).body).toMatchObject({ checks: { cache: "up" } });
  });
  const count = await click(replica);
  await postgres.stop();
  expect(await replica.ask("/api/count")).toEqual({ status: 200, body: { count } });
  await postgres.start();
  await redis.kill();
  expect(await replica.ask("/api/count")).toEqual({ status: 200, body: { count } });
  expect(await click(replica)).toBe(count + 1);
});
// end
