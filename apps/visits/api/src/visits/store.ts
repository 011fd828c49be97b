import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";
import { visits } from "../db/schema.ts";

/** A visit that was counted without Redis. */
export interface StoredVisit {
  number: number;
  /** No number below this one is free. */
  caughtUp: boolean;
}

/** The state of the numbers in use. */
export interface Audit {
  /** Every number up to this one is in use. */
  floor: number;
  /** The highest number in use. */
  highest: number;
  /** For how many seconds a number between the two has been missing; null when none is. */
  gapSeconds: number | null;
}

/** The visits in PostgreSQL, as far as counting needs them. Every hot query is a prepared statement. */
export class VisitStore {
  readonly #pool: Pool;
  readonly #pod: string;
  readonly #insert;

  constructor(pool: Pool, pod: string) {
    this.#pool = pool;
    this.#pod = pod;
    this.#insert = drizzle({ client: pool })
      .insert(visits)
      .values({ number: sql.placeholder("number"), pod })
      .onConflictDoNothing()
      .returning({ number: visits.number })
      .prepare("insert_visit");
  }

  /** Counts a visit under a number that Redis gave; false when a visit has that number already. */
  async insert(number: number): Promise<boolean> {
    return (await this.#insert.execute({ number })).length === 1;
  }

  /** Counts a visit under the lowest free number. */
  async count(): Promise<StoredVisit> {
    const text = "SELECT number, caught_up FROM count_visit($1)";
    const row = await this.#row<{ number: string; caught_up: boolean }>("count_visit", text, [this.#pod]);
    return { number: Number(row.number), caughtUp: row.caught_up };
  }

  /** Looks for numbers that were handed out and never used. */
  async audit(): Promise<Audit> {
    const text = "SELECT floor, highest, gap_seconds FROM audit_visits()";
    const row = await this.#row<{ floor: string; highest: string; gap_seconds: number | null }>("audit_visits", text);
    return { floor: Number(row.floor), highest: Number(row.highest), gapSeconds: row.gap_seconds };
  }

  /** How many visits were counted, exactly: only what is above the floor is counted row by row. */
  async total(): Promise<number> {
    const text =
      "SELECT floor + (SELECT count(*) FROM visits WHERE number > counter.floor) AS total FROM counter WHERE id = 1";
    return Number((await this.#row<{ total: string }>("total_visits", text)).total);
  }

  /** Runs a prepared statement that gives one row. PostgreSQL's bigint arrives as text. */
  async #row<Row extends object>(name: string, text: string, values: unknown[] = []): Promise<Row> {
    const { rows } = await this.#pool.query<Row>({ name, text, values });
    if (!rows[0]) throw new Error(`${name} gave no row: is the schema up to date?`);
    return rows[0];
  }
}
