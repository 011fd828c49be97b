import { sql } from "drizzle-orm";
import { bigint, check, index, integer, pgTable, text, timestamp } from "drizzle-orm/pg-core";

/**
 * One row per counted visit: the truth about how many there were. The primary key is what makes it impossible to count
 * one number twice, whoever handed it out.
 */
export const visits = pgTable(
  "visits",
  {
    number: bigint({ mode: "number" }).primaryKey(),
    pod: text().notNull(),
    at: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    index("visits_at_pod").on(table.at, table.pod),
    check("visits_number_positive", sql`${table.number} > 0`),
  ],
);

/** One row: every number up to `floor` is in use, so that nobody has to look below it again. */
export const counter = pgTable(
  "counter",
  {
    id: integer().primaryKey(),
    floor: bigint({ mode: "number" }).notNull(),
  },
  (table) => [check("counter_single", sql`${table.id} = 1`)],
);
