import { sql } from "drizzle-orm";
import {
  bigint,
  index,
  integer,
  jsonb,
  pgTable,
  type PgTableFn,
  primaryKey,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";

/**
 * The tables of `OutboxDispatcher` and `Inbox`.
 *
 * @param table where they are: `pgSchema("name").table` for a service with a schema of its own, whose role then has that
 *   schema as its search_path (PostgreSQL's default for a role of the same name); the public schema when left out
 */
export function outboxTables<Schema extends string | undefined = undefined>(
  table: PgTableFn<Schema> = pgTable as PgTableFn<Schema>,
) {
  /** Messages that are to be delivered, in the database of what they tell about. */
  const outbox = table(
    "outbox",
    {
      /** The order within a key: its messages are appended one after the other. */
      seq: bigint({ mode: "bigint" }).primaryKey().generatedAlwaysAsIdentity(),
      id: uuid().notNull().defaultRandom(),
      key: text().notNull(),
      topic: text().notNull(),
      payload: jsonb().notNull(),
      createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
      attempts: integer().notNull().default(0),
      /** Not before this is it tried (again). */
      nextAt: timestamp("next_at", { withTimezone: true }).notNull().defaultNow(),
      /** What the last attempt said. */
      error: text(),
      deliveredAt: timestamp("delivered_at", { withTimezone: true }),
      /** When it was given up. */
      deadAt: timestamp("dead_at", { withTimezone: true }),
    },
    (table) => [
      index("outbox_waiting")
        .on(table.seq)
        .where(sql`delivered_at IS NULL AND dead_at IS NULL`),
      index("outbox_waiting_by_key")
        .on(table.key, table.seq)
        .where(sql`delivered_at IS NULL AND dead_at IS NULL`),
      index("outbox_dead")
        .on(table.deadAt)
        .where(sql`dead_at IS NOT NULL`),
      index("outbox_delivered")
        .on(table.deliveredAt)
        .where(sql`delivered_at IS NOT NULL`),
    ],
  );

  /** Messages that a consumer has handled, in the database that it changes. */
  const inbox = table(
    "inbox",
    {
      consumer: text().notNull(),
      messageId: uuid("message_id").notNull(),
      handledAt: timestamp("handled_at", { withTimezone: true }).notNull().defaultNow(),
    },
    (table) => [primaryKey({ columns: [table.consumer, table.messageId] }), index("inbox_handled").on(table.handledAt)],
  );

  return { outbox, inbox };
}

/** The same in the public schema. */
export const { outbox, inbox } = outboxTables();
