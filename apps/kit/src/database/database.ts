import pg from "pg";
import type { DatabaseConfig } from "../service/config.ts";
import type { Logger } from "../service/logger.ts";

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

/**
 * Does work in one transaction: committed when it ends, rolled back when it throws. A connection that broke on the way
 * is not used again.
 *
 * @throws what the work throws, or the database's error when it could not commit
 */
export async function inTransaction<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // A connection that breaks between two queries says so by an event, which would end the process if nobody listened.
  const onError = (error: Error) => (broken = error);
  client.on("error", onError);
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch((failure: unknown) => {
      broken = failure instanceof Error ? failure : new Error(String(failure));
    });
    throw error;
  } finally {
    client.off("error", onError);
    client.release(broken);
  }
}

/**
 * PostgreSQL's codes for a server that starts, stops, has no connection left, or did not get to it in time
 * (https://www.postgresql.org/docs/15/errcodes-appendix.html), and the network's for one that is not there.
 */
const awayCodes =
  /^(08\w{3}|57P0[1-5]|57014|53300|55P03|40001|40P01|ECONN(REFUSED|RESET)|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ETIMEDOUT)$/;

/** What pg says, without a code, of a connection that broke or could not be had. */
const awayMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection)/;

/**
 * Whether an error of the database's says that it could not be asked now, and that asking again later makes sense. The
 * cause of a TypeError is looked at by nobody: it is how fetch() reports that another server is away.
 */
export function isDatabaseAway(error: unknown): boolean {
  for (let each = error; each instanceof Error && !(each instanceof TypeError); each = each.cause)
    if (awayMessages.test(each.message) || ("code" in each && awayCodes.test(String(each.code)))) return true;
  return false;
}

/** Whether an error says that another row has this value already: PostgreSQL's unique_violation. */
export function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "23505";
}
