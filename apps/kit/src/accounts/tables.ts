import { sql } from "drizzle-orm";
import {
  check,
  customType,
  index,
  pgTable,
  type PgTableFn,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from "drizzle-orm/pg-core";

const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });
const moment = (name: string) => timestamp(name, { withTimezone: true });

/**
 * The tables of accounts and of their sessions.
 *
 * @param table where they are: `pgSchema("name").table` for a service with a schema of its own, whose role then has that
 *   schema as its search_path (PostgreSQL's default for a role of the same name); the public schema when left out
 */
export function accountTables<Schema extends string | undefined = undefined>(
  table: PgTableFn<Schema> = pgTable as PgTableFn<Schema>,
) {
  /** The people of a service. Each has a password, or a link to an issuer, or several of these. */
  const accounts = table(
    "accounts",
    {
      id: uuid().primaryKey().defaultRandom(),
      name: text().notNull(),
      /** As it was typed; nobody has proven that it is theirs. Absent for who came by an issuer alone. */
      email: text(),
      /** As it is compared: see `emailOf`. */
      emailKey: text("email_key").unique(),
      passwordHash: text("password_hash"),
      createdAt: moment("created_at").notNull().defaultNow(),
    },
    (table) => [
      check("accounts_email", sql`(${table.email} IS NULL) = (${table.emailKey} IS NULL)`),
      check("accounts_password", sql`${table.passwordHash} IS NULL OR ${table.emailKey} IS NOT NULL`),
    ],
  );

  /** Which issuer's person is whose account: by the issuer's own name for the person, never by an e-mail address. */
  const accountLinks = table(
    "account_links",
    {
      issuer: text().notNull(),
      subject: text().notNull(),
      accountId: uuid("account_id")
        .notNull()
        .references(() => accounts.id, { onDelete: "cascade" }),
      createdAt: moment("created_at").notNull().defaultNow(),
    },
    (table) => [
      primaryKey({ columns: [table.issuer, table.subject] }),
      unique("account_links_one_per_issuer").on(table.accountId, table.issuer),
    ],
  );

  /** Where people are signed in: a row lives as long as its session does. */
  const signIns = table(
    "sign_ins",
    {
      id: uuid().primaryKey().defaultRandom(),
      accountId: uuid("account_id")
        .notNull()
        .references(() => accounts.id, { onDelete: "cascade" }),
      by: text().notNull(),
      createdAt: moment("created_at").notNull().defaultNow(),
      expiresAt: moment("expires_at").notNull(),
    },
    (table) => [index("sign_ins_account").on(table.accountId), index("sign_ins_expires").on(table.expiresAt)],
  );

  /** The refresh tokens of a session, by their hashes: the newest, and those that it replaced. */
  const refreshTokens = table(
    "refresh_tokens",
    {
      hash: bytea().primaryKey(),
      signInId: uuid("sign_in_id")
        .notNull()
        .references(() => signIns.id, { onDelete: "cascade" }),
      usedAt: moment("used_at"),
    },
    (table) => [index("refresh_tokens_sign_in").on(table.signInId)],
  );

  /** Sessions that ended before their time, for as long as an access token may still speak of them. */
  const endedSignIns = table(
    "ended_sign_ins",
    {
      id: uuid().primaryKey(),
      endedAt: moment("ended_at")
        .notNull()
        .default(sql`clock_timestamp()`),
    },
    (table) => [index("ended_sign_ins_at").on(table.endedAt)],
  );

  return { accounts, accountLinks, signIns, refreshTokens, endedSignIns };
}

/** The same in the public schema. */
export const { accounts, accountLinks, signIns, refreshTokens, endedSignIns } = accountTables();
