import type { Measures, MeasuresOfInterval } from "@slipway/contract";
import type { Pool, QueryConfig } from "pg";
import type { MeasuresQuery } from "./schemas.ts";
import { type MeasuredTime, measuredTime } from "./time.ts";

interface MeasuresRow {
  /** The day on which the interval starts; null of the sum over all. */
  start: string | null;
  deployments: string;
  leads: [median: number, p90: number] | null;
  failure_rate: number | null;
  recovery: number | null;
}

/**
 * The measures from their daily rollups: the days hold every single duration, so that medians over weeks and months are
 * exact, and no delivery is read. The days are sorted before they are taken apart: a thousand rows instead of a hundred
 * thousand. One grouping is over all of the time.
 */
const text = `
  WITH days AS MATERIALIZED (
    SELECT date_trunc($4, day::timestamp)::date AS start, measure_days.*
    FROM measure_days WHERE day >= $1 AND day < $2 AND ($3::text IS NULL OR environment = $3)
  ), counts AS (
    SELECT start, sum(deployments) AS deployments, sum(failed_releases)::float8 / nullif(sum(releases), 0) AS failure_rate
    FROM days GROUP BY GROUPING SETS ((start), ())
  ), leads AS (
    SELECT start, percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY lead) AS leads
    FROM (SELECT start, lead_times FROM days ORDER BY start) AS sorted, unnest(lead_times) AS lead GROUP BY GROUPING SETS ((start), ())
  ), recoveries AS (
    SELECT start, percentile_cont(0.5) WITHIN GROUP (ORDER BY recovery) AS recovery
    FROM (SELECT start, recoveries FROM days ORDER BY start) AS sorted, unnest(recoveries) AS recovery GROUP BY GROUPING SETS ((start), ())
  )
  SELECT to_char(counts.start, 'YYYY-MM-DD') AS start, coalesce(deployments, 0) AS deployments, leads, failure_rate, recovery
  FROM counts
  LEFT JOIN leads ON leads.start IS NOT DISTINCT FROM counts.start
  LEFT JOIN recoveries ON recoveries.start IS NOT DISTINCT FROM counts.start`;

/** The query of the measures of some time. */
export function measuresQuery(
  { interval, environment }: Pick<MeasuresQuery, "interval" | "environment">,
  { from, to }: MeasuredTime,
): QueryConfig {
  return { name: "measures", text, values: [dayOf(from), dayOf(to), environment ?? null, interval] };
}

/**
 * The four measures of software delivery, as DORA defines them (https://dora.dev/guides/dora-metrics-four-keys/), over
 * what the pipeline reported:
 *
 * - deployment frequency: deliveries that released at least one image and were proven live, on the day of the proof;
 * - lead time for changes: from the commit to the proof of these deliveries;
 * - change failure rate: of the releases made, on the day of the release, the share whose delivery ended without a proof
 *   or that a later delivery took back (its title is `Revert "<title>"`, as git writes it);
 * - failed deployment recovery time: from the end of a failed delivery to the next proof in its environment, on the day of
 *   the failure; one that was not recovered from yet has none.
 */
export class MeasuresOfDeliveries {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** The measures of each interval, also of those in which nothing happened, and over all of the time. */
  async read(query: MeasuresQuery): Promise<Measures> {
    const time = measuredTime(query);
    const { rows } = await this.#pool.query<MeasuresRow>(measuresQuery(query, time));
    const byStart = new Map(rows.map((row) => [row.start, row]));
    return {
      environment: query.environment ?? null,
      interval: query.interval,
      from: time.from.toISOString(),
      to: time.to.toISOString(),
      intervals: time.starts.map((start) => ({ start: start.toISOString(), ...measuresOf(byStart.get(dayOf(start))) })),
      total: measuresOf(byStart.get(null)),
    };
  }
}

function measuresOf(row: MeasuresRow | undefined): Omit<MeasuresOfInterval, "start"> {
  return {
    deployments: Number(row?.deployments ?? 0),
    leadTimeMedian: row?.leads?.[0] ?? null,
    leadTimeP90: row?.leads?.[1] ?? null,
    changeFailureRate: row?.failure_rate ?? null,
    recoveryMedian: row?.recovery ?? null,
  };
}

const dayOf = (instant: Date) => instant.toISOString().slice(0, 10);
