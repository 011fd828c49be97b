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
    const { rows } = await this.#pool.query({ name: "count_visit", text, values: [this.#pod] });
    return { number: Number(rows[0].number), caughtUp: rows[0].caught_up };
  }

  /** Looks for numbers that were handed out and never used. */
  async audit(): Promise<Audit> {
    const { rows } = await this.#pool.query({ name: "audit_visits", text: "SELECT * FROM audit_visits()" });
    const { floor, highest, gap_seconds: gapSeconds } = rows[0];
    return { floor: Number(floor), highest: Number(highest), gapSeconds };
  }

  /** How many visits were counted, exactly: only what is above the floor is counted row by row. */
  async total(): Promise<number> {
    const text =
      "SELECT floor + (SELECT count(*) FROM visits WHERE number > counter.floor) AS total FROM counter WHERE id = 1";
    const { rows } = await this.#pool.query({ name: "total_visits", text });
    return Number(rows[0].total);
  }
}
