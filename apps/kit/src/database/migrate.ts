import { setTimeout as wait } from "node:timers/promises";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as applyMigrations } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
import type { DatabaseConfig } from "../service/config.ts";
import { connectionOf, isDatabaseAway } from "./database.ts";
import type { Logger } from "../service/logger.ts";

/** One number for all services: each has a database of its own, so it is only shared by runs of one migration. */
const lockKey = 7_141_833;

/** What a migration needs. */
export interface MigrateOptions {
  config: Omit<DatabaseConfig, "DATABASE_POOL_SIZE">;
  logger: Logger;
  /** The folder that drizzle-kit wrote. */
  folder: string;
  /** The service's own schema, where several services share a database: what was applied is noted there, for each alone. */
  schema?: string;
  /** Milliseconds to wait for a database that does not answer yet; two minutes when left out. */
  patience?: number;
}

/**
 * Brings a database to the newest schema. Runs that start side by side take turns by an advisory lock, because drizzle
 * itself takes none (https://github.com/drizzle-team/drizzle-orm/issues/874).
 *
 * @throws the database's error when it stays away, refuses the user, or a migration fails (which is then rolled back)
 */
export async function migrate({ config, logger, folder, schema, patience = 120_000 }: MigrateOptions): Promise<void> {
  const client = await connect(config, logger, patience);
  try {
    await client.query("SELECT pg_advisory_lock($1)", [lockKey]);
    await applyMigrations(drizzle({ client }), {
      migrationsFolder: folder,
      ...(schema && { migrationsSchema: schema }),
    });
    logger.info("the schema is up to date");
  } finally {
    // The lock belongs to the session and goes with it.
    await client.end();
  }
}

async function connect(config: MigrateOptions["config"], logger: Logger, patience: number): Promise<pg.Client> {
  const deadline = performance.now() + patience;
  for (let delay = 250; ; delay = Math.min(delay * 2, 5_000)) {
    const client = new pg.Client(connectionOf(config));
    // Without a listener a connection that breaks later would end the process in the middle of our own handling.
    client.on("error", () => {});
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      if (!isDatabaseAway(error) || performance.now() + delay > deadline) throw error;
      logger.info({ code }, "waiting for the database");
      await wait(delay);
    }
  }
}
