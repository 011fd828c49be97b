import { createLogger, createPool } from "@slipway/kit";
import { startPostgres, type TestPostgres } from "@slipway/kit/testing/postgres.ts";
import { startWorkflowIssuer } from "@slipway/kit/testing/workflow-issuer.ts";
import type { Pool, QueryConfig } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listQuery } from "./deliveries/repository.ts";
import { deliveriesQuerySchema } from "./deliveries/schemas.ts";
import { measuresQuery } from "./measures/repository.ts";
import { measuresQuerySchema } from "./measures/schemas.ts";
import { measuredTime } from "./measures/time.ts";
import { seed } from "./seed/seed.ts";
import { databaseFor, type Replica, startReplica, testConfig } from "./testing.ts";

const parts = new AsyncDisposableStack();
let postgres: TestPostgres;
let pool: Pool;
let one: Replica;

beforeAll(async () => {
  postgres = parts.use(await startPostgres());
  const issuer = parts.use(await startWorkflowIssuer());
  const config = testConfig(await databaseFor(postgres, "scale", issuer));
  pool = createPool({ ...config, DATABASE_POOL_SIZE: 2 }, createLogger(config));
  parts.defer(() => pool.end());
  await seed(pool, 100_000);
  one = parts.use(await startReplica(config));
});
afterAll(() => parts.disposeAsync());

/** The nodes of a query's plan that read a table: how, what, and by which index. */
async function reads(query: QueryConfig): Promise<string[]> {
  interface Plan {
    "Node Type": string;
    "Relation Name"?: string;
    "Index Name"?: string;
    Plans?: Plan[];
  }
  const { rows } = await pool.query(`EXPLAIN (FORMAT JSON) ${query.text}`, query.values);
  const walk = (plan: Plan): string[] => [
    ...(plan["Relation Name"] || plan["Index Name"]
      ? [[plan["Node Type"], plan["Index Name"] ?? plan["Relation Name"]].join(" ")]
      : []),
    ...(plan.Plans ?? []).flatMap(walk),
  ];
  return walk(rows[0]["QUERY PLAN"][0].Plan);
}

const list = (query: Record<string, string>) => reads(listQuery(deliveriesQuerySchema.parse(query)));

test.each([
  [{}, "runs_newest"],
  // What is frequent is found soon on the way through all, what is rare by an index of its own.
  [{ environment: "dev" }, "runs_newest"],
  [{ environment: "elsewhere" }, "runs_environment_newest"],
  [{ author: "nobody" }, "runs_author_newest"],
  [{ outcome: "cancelled" }, "runs_outcome_newest"],
  [{ kind: "teardown" }, "runs_kind_newest"],
])("the list with %o walks an index, and sorts nothing", async (query, index) => {
  expect(await list(query)).toEqual([`Index Scan ${index}`]);
});

test("a search for something rare asks the index of trigrams", async () => {
  expect((await list({ search: "(#4711)" })).join()).toContain("runs_search");
});

test("a later page of the list costs what the first one does", async () => {
  const first = await one.get<{ next: string }>("/api/deliveries?limit=10");
  expect((await list({ cursor: first.body.next })).join()).toContain("runs_newest");
});

test("the measures read their rollups, and no delivery", async () => {
  const query = measuresQuerySchema.parse({ interval: "month" });
  const found = await reads(measuresQuery(query, measuredTime(query)));
  expect(found.join()).toContain("measure_days");
  expect(found.join()).not.toContain("runs");
});
