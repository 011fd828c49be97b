import type { RunIdentity } from "@slipway/contract";
import type { PoolClient } from "pg";

/** What others than the run itself depend on. */
export interface RunFacts {
  kind: string;
  environment: string;
  title: string;
  finished_at: Date | null;
  proven_at: Date | null;
  released_at: Date | null;
}

const revert = /^Revert "(.*)"$/s;

/**
 * Brings what is derived from runs up to date after one of them was written: what runs in its environment, which releases
 * were taken back, when failures were recovered from, and the measures of the days that this changes.
 *
 * @param before what was known of the run; undefined when it is new
 */
export async function refreshAfter(
  client: PoolClient,
  { run, attempt }: RunIdentity,
  before: RunFacts | undefined,
): Promise<void> {
  const { rows } = await client.query<RunFacts>(
    "SELECT kind, environment, title, finished_at, proven_at, released_at FROM runs WHERE run = $1 AND attempt = $2",
    [run, attempt],
  );
  const facts = [before, rows[0]].filter((each) => each !== undefined);
  for (const [environment, own] of Map.groupBy(facts, (each) => each.environment)) {
    if (own.some((each) => each.proven_at !== null || each.kind === "teardown"))
      await client.query(refreshRunning, [environment, run, attempt]);
    await refreshMeasures(client, environment, own);
  }
}

/** All apps that run there: a teardown that is told of late changes since when. */
const refreshRunning = `
  SELECT refresh_running($1, app) FROM (
    SELECT app FROM running_apps WHERE environment = $1
    UNION SELECT app FROM proven_apps WHERE run = $2 AND attempt = $3
  ) AS apps`;

async function refreshMeasures(client: PoolClient, environment: string, facts: RunFacts[]): Promise<void> {
  const days = new Set<string>();
  const instants = facts.flatMap((each) => [each.finished_at, each.proven_at, each.released_at]);
  for (const instant of instants) if (instant) days.add(instant.toISOString().slice(0, 10));
  const changed = async (text: string, values: unknown[]) => {
    const { rows } = await client.query<{ day: string }>(
      `SELECT to_char(day, 'YYYY-MM-DD') AS day FROM ${text} AS day`,
      values,
    );
    for (const { day } of rows) days.add(day);
  };
  const titles = facts.flatMap(({ title }) => [title, revert.exec(title)?.[1] ?? ""]).filter(Boolean);
  for (const title of new Set(titles)) await changed("refresh_reverts($1, $2)", [environment, title]);
  const proven = facts.flatMap((each) => (each.proven_at ? [each.proven_at.getTime()] : []));
  const since = proven.length > 0 ? new Date(Math.min(...proven)) : "infinity";
  await changed("refresh_recoveries($1, $2)", [environment, since]);
  for (const day of days) await client.query("SELECT refresh_measures($1, $2, $2)", [environment, day]);
}
