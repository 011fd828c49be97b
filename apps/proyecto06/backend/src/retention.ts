import type { Pool } from "pg";

/** What was forgotten, by kind. */
export interface Forgotten {
  runs: number;
  measures: number;
  events: number;
  /** Runs that were never heard of again. */
  given_up: number;
}

/** So many at a time: each deletion is short, and reports come in between. */
const batch = 2_000;

/** A run that still runs after this was not told of when it ended: a job of the forge lives six hours at most. */
const silence = "1 day";

/**
 * Forgets what is older than some days, and ends what nobody ends. What runs now stays with the delivery that brought it,
 * however old, and so does each environment's newest delivery.
 *
 * @param days how long a delivery is kept after its start
 */
export async function retain(pool: Pool, days: number): Promise<Forgotten> {
  const older = "now() - make_interval(days => $1)";
  const count = async (text: string, values: unknown[] = [days]) => (await pool.query(text, values)).rowCount ?? 0;
  const given_up = await count(
    `UPDATE runs SET outcome = 'cancelled', finished_at = heard_at
     WHERE outcome IN ('waiting', 'running') AND heard_at < now() - $1::interval`,
    [silence],
  );
  let runs = 0;
  for (let deleted = batch; deleted === batch; runs += deleted)
    deleted = await count(
      `DELETE FROM runs WHERE (run, attempt) IN (
         SELECT run, attempt FROM runs
         WHERE started_at < ${older}
           AND NOT EXISTS (SELECT FROM running_apps AS app WHERE (app.run, app.attempt) = (runs.run, runs.attempt)
             OR (app.first_run, app.first_attempt) = (runs.run, runs.attempt))
           AND started_at < (SELECT max(started_at) FROM runs AS newest WHERE newest.environment = runs.environment)
         ORDER BY started_at LIMIT ${batch})`,
    );
  const measures = await count(`DELETE FROM measure_days WHERE day < utc_day(${older})`);
  // Whoever resumes after a day reads the list again.
  const events = await count("DELETE FROM events WHERE at < now() - interval '1 day'", []);
  return { runs, measures, events, given_up };
}
