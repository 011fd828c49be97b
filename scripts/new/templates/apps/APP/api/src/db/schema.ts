import { bigint, pgTable, text } from "drizzle-orm/pg-core";

/** What is counted, by name. After a change: `npm run generate -w @slipway/APP-api`. */
export const counters = pgTable("counters", {
  name: text().primaryKey(),
  count: bigint({ mode: "number" }).notNull(),
});
