import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { startPostgres } from "../../testing/postgres.ts";
import { temporaryFolder } from "../../testing/process.ts";
import { databaseVariables, readEnv } from "../service/config.ts";
import { createLogger } from "../service/logger.ts";
import { createPool } from "./database.ts";
import { migrate } from "./migrate.ts";

const parts = new AsyncDisposableStack();
afterAll(() => parts.disposeAsync());

/** A folder as drizzle-kit writes it, with one migration. */
async function migrations(root: string, name: string, when: number, sql: string): Promise<string> {
  const folder = join(root, name);
  await mkdir(join(folder, "meta"), { recursive: true });
  const entries = [{ idx: 0, version: "7", when, tag: "0000_first", breakpoints: true }];
  await writeFile(join(folder, "meta/_journal.json"), JSON.stringify({ version: "7", dialect: "postgresql", entries }));
  await writeFile(join(folder, "0000_first.sql"), sql);
  return folder;
}

test("two services with a schema each in one database do not take each other's migrations for their own", async () => {
  const postgres = parts.use(await startPostgres());
  const root = parts.use(await temporaryFolder("migrations"));
  const config = readEnv(databaseVariables, await postgres.createDatabase("shop"));
  const logger = createLogger({ LOG_LEVEL: "silent", HOSTNAME: "", SERVICE_VERSION: "" });
  const pool = createPool(config, logger);
  parts.defer(() => pool.end());
  const orders = await migrations(root.path, "orders", 2_000, "CREATE TABLE orders.orders (id int)");
  // Older than the other's: with one list for both it would count as applied.
  const products = await migrations(root.path, "products", 1_000, "CREATE TABLE products.products (id int)");
  for (let round = 0; round < 2; round += 1) {
    await migrate({ config, logger, folder: orders, schema: "orders" });
    await migrate({ config, logger, folder: products, schema: "products" });
  }
  const { rows } = await pool.query(
    "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname IN ('orders', 'products') ORDER BY 1",
  );
  expect(rows.map(({ name }: { name: string }) => name)).toEqual([
    "orders.__drizzle_migrations",
    "orders.orders",
    "products.__drizzle_migrations",
    "products.products",
  ]);
});
