import { startPostgres, type TestPostgres } from "@slipway/kit/testing/postgres.ts";
import { eventually } from "@slipway/kit/testing/process.ts";
import { startRedis, type TestRedis } from "@slipway/kit/testing/redis.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { migrateForTest, type Replica, startReplica, testConfig } from "./testing.ts";

interface Hits {
  hits: number;
  hostname: string;
  counted: boolean;
  source: "redis" | "postgres";
}

const parts = new AsyncDisposableStack();
let postgres: TestPostgres;
let redis: TestRedis;
let databases = 0;
let environment: Record<string, string>;

beforeAll(async () => {
  postgres = parts.use(await startPostgres());
  redis = parts.use(await startRedis());
});
afterAll(async () => {
  await parts.disposeAsync();
});
beforeEach(async () => {
  environment = {
    ...(await postgres.createDatabase(`counting${++databases}`)),
    REDIS_PORT: String(redis.port),
  };
  await migrateForTest(testConfig(environment));
});

const replica = (name: string) => startReplica(testConfig({ ...environment, HOSTNAME: name }));

async function usesRedis(...replicas: Replica[]): Promise<void> {
  await eventually(() => {
    for (const { context } of replicas) if (context.counting.source !== "redis") throw new Error("still PostgreSQL");
  });
}

/** Counts visits side by side; every one has to be answered with 200. */
async function count(times: number, ...replicas: Replica[]): Promise<Hits[]> {
  const answers = await Promise.all(
    Array.from({ length: times }, (_, i) => (replicas[i % replicas.length] as Replica).get<Hits>("/hits")),
  );
  expect(answers.map((answer) => answer.status).filter((status) => status !== 200)).toEqual([]);
  return answers.map((answer) => answer.body);
}

/** The numbers are exactly 1 to n: none lost, none doubled. */
function expectExact(visits: Hits[]): void {
  const numbers = visits.map((visit) => visit.hits).sort((a, b) => a - b);
  expect(numbers).toEqual(numbers.map((_, i) => i + 1));
}

describe("counting", () => {
  test("500 requests at once on three replicas get the numbers 1 to 500, from Redis", async () => {
    await using one = await replica("one");
    await using two = await replica("two");
    await using three = await replica("three");
    await usesRedis(one, two, three);
    const visits = await count(500, one, two, three);
    expectExact(visits);
    expect(new Set(visits.map((visit) => visit.hostname))).toEqual(new Set(["one", "two", "three"]));
    expect(visits.filter((visit) => visit.source === "redis").length).toBeGreaterThan(490);
    expect((await one.get<{ total: number }>("/statistics")).body.total).toBe(500);
  });

  test.each([
    { name: "with what it had written", empty: false },
    { name: "with nothing", empty: true },
  ])("Redis is killed under load and comes back $name: every answer has a number of its own", async ({ empty }) => {
    await using one = await replica("one");
    await using two = await replica("two");
    await usesRedis(one, two);
    const visits = await count(50, one, two);
    const during = count(300, one, two);
    await redis.kill();
    visits.push(...(await during), ...(await count(100, one, two)));
    expect(visits.at(-1)?.source).toBe("postgres");
    const back = count(200, one, two);
    await redis.start({ empty });
    visits.push(...(await back));
    // Numbers whose reply was lost with the connection are given to the next visits, one by one.
    await eventually(async () => {
      visits.push(...(await count(1, one, two)), ...(await count(1, two)));
      if (one.context.counting.source !== "redis" || two.context.counting.source !== "redis")
        throw new Error("not reconciled yet");
    });
    visits.push(...(await count(100, one, two)));
    expectExact(visits);
    expect(await one.context.store.total()).toBe(visits.length);
    expect(visits.at(-1)?.source).toBe("redis");
  });

  test("Redis hangs: visits go on from PostgreSQL within the time-out, exactly", async () => {
    await using one = await replica("one");
    await usesRedis(one);
    const visits = await count(20, one);
    redis.daemon().child.kill("SIGSTOP");
    try {
      const start = performance.now();
      visits.push(...(await count(100, one)));
      expect(performance.now() - start).toBeLessThan(5_000);
      expect(visits.at(-1)?.source).toBe("postgres");
    } finally {
      redis.daemon().child.kill("SIGCONT");
    }
    await eventually(async () => {
      visits.push(...(await count(1, one)));
      if (one.context.counting.source !== "redis") throw new Error("not reconciled yet");
    });
    visits.push(...(await count(50, one)));
    expectExact(visits);
  });

  test("a number that was handed out and never used is found and given to a later visit", async () => {
    await using one = await replica("one");
    await usesRedis(one);
    const visits = await count(3, one);
    // What a replica leaves behind that is killed between INCR and its row.
    const { Redis } = await import("ioredis");
    const other = new Redis(redis.port);
    await other.incr("visits:hits");
    other.disconnect();
    visits.push(...(await count(1, one)));
    expect(visits.at(-1)?.hits).toBe(5);
    await eventually(async () => {
      if (one.context.counting.source === "redis") throw new Error("the gap was not found yet");
    }, 30_000);
    visits.push(...(await count(5, one)));
    expectExact(visits);
  });

  test("PostgreSQL gone: 503 and not counted; back: counting goes on without a gap", async () => {
    await using one = await replica("one");
    await usesRedis(one);
    const visits = await count(5, one);
    await postgres.stop();
    const refused = await one.get<{ status: number; detail: string }>("/hits");
    expect(refused.status).toBe(503);
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(await one.get("/health/ready")).toMatchObject({ status: 503, body: { checks: { database: "down" } } });
    expect((await one.get("/health/live")).status).toBe(200);
    await postgres.start();
    await eventually(async () => {
      if ((await one.get("/health/ready")).status !== 200) throw new Error("not ready yet");
    });
    visits.push(...(await count(20, one)));
    expectExact(visits);
  });

  test("Redis gone does not make a replica unready", async () => {
    await using one = await replica("one");
    await usesRedis(one);
    await redis.kill();
    expect(await one.get("/health/ready")).toMatchObject({
      status: 200,
      body: { status: "ready", checks: { database: "up", cache: "down" } },
    });
    await redis.start();
  });
});
