import type { DeliverySummary, RunIdentity } from "@slipway/contract";
import type { Pool, PoolClient } from "pg";
import { type SummaryRow, summaryColumns, summaryOf } from "../deliveries/row.ts";

/** The channel on which replicas tell each other that there are new events: https://www.postgresql.org/docs/15/sql-notify.html */
export const channel = "console_events";

/** A run's row that has changed. */
export interface RunEvent {
  id: bigint;
  summary: DeliverySummary;
}

/** Notes, within a report's transaction, that its run changed; whoever listens is told when it is committed. */
export async function announce(
  client: PoolClient,
  { run, attempt }: Pick<RunIdentity, "run" | "attempt">,
): Promise<void> {
  await client.query("INSERT INTO events (run, attempt) VALUES ($1, $2)", [run, attempt]);
  await client.query(`NOTIFY ${channel}`);
}

/** At most this many at a time. */
const mostEvents = 500;

const after = `
  SELECT max(id) AS id, ${summaryColumns}
  FROM runs
  JOIN (SELECT id, run, attempt FROM events WHERE id > $1 ORDER BY id LIMIT ${mostEvents}) AS news USING (run, attempt)
  GROUP BY run, attempt ORDER BY 1`;

/** What happened after an event; of each run once, as it is now. */
export async function eventsAfter(pool: Pool, cursor: bigint): Promise<RunEvent[]> {
  const values = [String(cursor)];
  const { rows } = await pool.query<SummaryRow & { id: string }>({ name: "events", text: after, values });
  return rows.map((row) => ({ id: BigInt(row.id), summary: summaryOf(row) }));
}

/** The last event that is known; 0 when there is none. */
export async function lastEvent(pool: Pool): Promise<bigint> {
  const { rows } = await pool.query<{ last: string }>("SELECT coalesce(max(id), 0) AS last FROM events");
  return BigInt(rows[0]?.last ?? 0);
}
