import {
  createLogger,
  createPool,
  databaseVariables,
  type Logger,
  readEnv,
  runMain,
  serviceVariables,
} from "@slipway/kit";
import type { Pool } from "pg";
import type { z } from "zod";

/**
 * Runs a command next to the service: with the database's configuration and its own, a small pool, and a log.
 *
 * @param name who writes in the log
 * @param variables what it reads in addition to the database's place
 */
export async function runCommand<Variables extends z.ZodRawShape>(
  name: string,
  variables: Variables,
  work: (parts: { pool: Pool; logger: Logger; config: z.output<z.ZodObject<Variables>> }) => Promise<void>,
): Promise<void> {
  const { DATABASE_POOL_SIZE: _, ...connection } = databaseVariables;
  const { LOG_LEVEL } = serviceVariables;
  const logger = createLogger({ LOG_LEVEL: "info", HOSTNAME: name, SERVICE_VERSION: "" });
  await runMain(logger, async () => {
    const database = readEnv({ ...connection, LOG_LEVEL });
    const config = readEnv(variables) as z.output<z.ZodObject<Variables>>;
    const pool = createPool({ ...database, DATABASE_POOL_SIZE: 1 }, logger);
    try {
      await work({ pool, logger, config });
    } finally {
      await pool.end();
    }
  });
}
