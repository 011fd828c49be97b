import pg from "pg";
import type { DatabaseConfig } from "./config.ts";
import type { Logger } from "./logger.ts";

/** Settings of one connection. */
export function connectionOf(config: Omit<DatabaseConfig, "DATABASE_POOL_SIZE">): pg.ClientConfig {
  return {
    host: config.DATABASE_HOST,
    port: config.DATABASE_PORT,
    database: config.DATABASE_NAME,
    user: config.DATABASE_USER,
    password: config.DATABASE_PASSWORD,
    connectionTimeoutMillis: 5_000,
  };
}

/** A pool of connections. A connection that breaks while idle is logged and replaced, never a crash. */
export function createPool(config: DatabaseConfig, logger: Logger): pg.Pool {
  const pool = new pg.Pool({
    ...connectionOf(config),
    max: config.DATABASE_POOL_SIZE,
    statement_timeout: 10_000,
    keepAlive: true,
  });
  pool.on("error", (error) => logger.warn({ err: error }, "an idle database connection broke"));
  return pool;
}
