import { generateDrizzleJson, generateMigration } from "drizzle-kit/api";
import type pg from "pg";

/** Makes tables as a service's migrations make them: by the SQL that drizzle-kit writes for their definitions. */
export async function createTables(pool: pg.Pool, tables: Record<string, unknown>): Promise<void> {
  const statements = await generateMigration(generateDrizzleJson({}), generateDrizzleJson(tables));
  for (const statement of statements) await pool.query(statement);
}
