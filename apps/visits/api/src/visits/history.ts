import { and, count, desc, eq, gte, lt, max, min, type SQL, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";
import { visits } from "../db/schema.ts";
import type { HistoryEntry, HistoryQuery, PodStatistics } from "./schemas.ts";

/** The most entries that one answer holds. */
export const historyLimit = 1_000;

/** What happened when, and where. Read from PostgreSQL only. */
export class VisitHistory {
  readonly #db;

  constructor(pool: Pool) {
    this.#db = drizzle({ client: pool });
  }

  /** Visits per interval and pod, newest first. */
  async entries({ interval, from, to, pod }: HistoryQuery): Promise<HistoryEntry[]> {
    // The interval is one of three words of the schema; PostgreSQL groups only by an expression without parameters.
    const start = sql<string>`date_trunc(${sql.raw(`'${interval}'`)}, ${visits.at}, 'UTC')`;
    const conditions: (SQL | undefined)[] = [
      from ? gte(visits.at, from) : undefined,
      to ? lt(visits.at, to) : undefined,
      pod ? eq(visits.pod, pod) : undefined,
    ];
    const rows = await this.#db
      .select({ start, pod: visits.pod, visits: count() })
      .from(visits)
      .where(and(...conditions))
      .groupBy(start, visits.pod)
      .orderBy(desc(start), visits.pod)
      .limit(historyLimit);
    return rows.map((row) => ({ ...row, start: new Date(row.start).toISOString() }));
  }

  /** What each pod counted. */
  async pods(): Promise<PodStatistics[]> {
    const rows = await this.#db
      .select({ pod: visits.pod, visits: count(), first: min(visits.at), last: max(visits.at) })
      .from(visits)
      .groupBy(visits.pod)
      .orderBy(desc(count()), visits.pod);
    return rows.map((row) => ({ ...row, first: iso(row.first), last: iso(row.last) }));
  }

  /** How many visits the last minute, hour and day had. */
  async recent(): Promise<{ minute: number; hour: number; day: number }> {
    const since = (interval: string) =>
      sql<number>`count(*) FILTER (WHERE ${visits.at} > now() - ${interval}::interval)`.mapWith(Number);
    const [row] = await this.#db
      .select({ minute: since("1 minute"), hour: since("1 hour"), day: since("1 day") })
      .from(visits)
      .where(gte(visits.at, sql`now() - interval '1 day'`));
    return row ?? { minute: 0, hour: 0, day: 0 };
  }
}

function iso(date: Date | null): string {
  return (date ?? new Date(0)).toISOString();
}
