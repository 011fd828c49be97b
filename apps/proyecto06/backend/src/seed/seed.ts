import { inTransaction } from "@slipway/kit";
import type { Pool } from "pg";
import { seedStatements } from "./statements.ts";

/**
 * Fills an empty database with a believable past, for tests, benchmarks and demonstrations.
 *
 * @param runs how many deliveries and teardowns
 * @throws Error when there is something already: what really happened is not mixed with what did not
 */
export async function seed(pool: Pool, runs: number): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query("SET LOCAL statement_timeout = 0");
    const { rows } = await client.query("SELECT FROM runs LIMIT 1");
    if (rows.length > 0) throw new Error("The database has deliveries already; only an empty one is seeded.");
    for (const statement of seedStatements) await client.query(statement, statement.includes("$1") ? [runs] : []);
  });
  await pool.query("SET statement_timeout = 0; ANALYZE; RESET statement_timeout");
}
