import { eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";
import { counters } from "../db/schema.ts";
// if cache
import type { CountCache } from "./cache.ts";
// end

const name = "clicks";

/** Counts clicks in PostgreSQL. */
export class Counter {
  readonly #database;
  // if cache
  readonly #cache: CountCache;
  // end

  constructor(
    pool: Pool,
    // if cache
    cache: CountCache,
    // end
  ) {
    this.#database = drizzle({ client: pool });
    // if cache
    this.#cache = cache;
    // end
  }

  /** Counts one more. @returns the count with it */
  async add(): Promise<number> {
    const [row] = await this.#database
      .insert(counters)
      .values({ name, count: 1 })
      .onConflictDoUpdate({ target: counters.name, set: { count: sql`${counters.count} + 1` } })
      .returning({ count: counters.count });
    if (!row) throw new Error("The insert returned no row.");
    // if cache
    await this.#cache.put(row.count);
    // end
    return row.count;
  }

  // if cache
  /** The count; for a few seconds it may be an earlier one. */
  // end
  // if !cache
  /** The count. */
  // end
  async read(): Promise<number> {
    // if cache
    const cached = await this.#cache.get();
    if (cached !== undefined) return cached;
    // end
    const [row] = await this.#database.select().from(counters).where(eq(counters.name, name));
    const count = row?.count ?? 0;
    // if cache
    await this.#cache.put(count);
    // end
    return count;
  }
}
