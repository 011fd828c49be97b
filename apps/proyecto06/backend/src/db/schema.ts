import type { RunOutcome, Proof, ReportedReceipt, Release, RunKind, StageName } from "@slipway/contract";
import { sql } from "drizzle-orm";
import {
  bigint,
  bigserial,
  boolean,
  customType,
  date,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  type PgColumn,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from "drizzle-orm/pg-core";

const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });
/** An instant; milliseconds are what JavaScript can tell apart. */
const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
/** A run's id does not fit into a double: it is text on its way. */
const run = () => bigint("run", { mode: "bigint" }).notNull();
const attempt = () => integer("attempt").notNull();

/** Every environment that was ever reported of. */
export const environments = pgTable("environments", { name: text("name").primaryKey() });

/** Deliveries and teardowns: one row for each attempt of a workflow run. */
export const runs = pgTable(
  "runs",
  {
    run: run(),
    attempt: attempt(),
    repository: text("repository").notNull(),
    commit: text("commit").notNull(),
    branch: text("branch").notNull(),
    actor: text("actor").notNull(),
    kind: text("kind").$type<RunKind>().notNull(),
    environment: text("environment").notNull(),
    title: text("title").notNull(),
    author: text("author").notNull(),
    outcome: text("outcome").$type<RunOutcome>().notNull(),
    committedAt: instant("committed_at"),
    startedAt: instant("started_at").notNull(),
    finishedAt: instant("finished_at"),
    /** The stage that runs now, or that it failed in. */
    stage: text("stage").$type<StageName>(),
    built: integer("built").notNull().default(0),
    adopted: integer("adopted").notNull().default(0),
    failed: integer("failed").notNull().default(0),
    provenAt: instant("proven_at"),
    /** When it released at least one image. */
    releasedAt: instant("released_at"),
    /** When a delivery began that took it back. */
    revertedAt: instant("reverted_at"),
    /** Of a failed delivery: when the environment was next proven. */
    recoveredAt: instant("recovered_at"),
    /** When the pipeline was last heard of it. */
    heardAt: instant("heard_at").notNull().defaultNow(),
    /** Of the whole report; null while only stages were reported. */
    reportHash: bytea("report_hash"),
    /** What is searched in. */
    search: text("search").generatedAlwaysAs(
      sql`lower(title || ' ' || author || ' ' || actor || ' ' || branch || ' ' || commit)`,
    ),
  },
  (table) => {
    // Read backwards for "newest first".
    const newest = [table.startedAt, table.run, table.attempt] as const;
    return [
      primaryKey({ columns: [table.run, table.attempt] }),
      index("runs_newest").on(...newest),
      index("runs_environment_newest").on(table.environment, ...newest),
      index("runs_author_newest").on(table.author, ...newest),
      index("runs_outcome_newest").on(table.outcome, ...newest),
      index("runs_kind_newest").on(table.kind, ...newest),
      index("runs_search").using("gin", sql`${table.search} gin_trgm_ops`),
      index("runs_proven")
        .on(table.environment, table.provenAt)
        .where(sql`proven_at IS NOT NULL`),
      index("runs_released")
        .on(table.environment, table.releasedAt)
        .where(sql`released_at IS NOT NULL`),
      index("runs_failed")
        .on(table.environment, table.finishedAt)
        .where(sql`kind = 'delivery' AND outcome = 'failed'`),
      index("runs_torn_down")
        .on(table.environment, table.finishedAt)
        .where(sql`kind = 'teardown' AND outcome = 'succeeded'`),
      index("runs_title").on(table.environment, table.title, table.startedAt),
      index("runs_open")
        .on(table.heardAt)
        .where(sql`outcome IN ('waiting', 'running')`),
    ];
  },
);

/** What belongs to a run goes with it. */
const ofRun = (table: { run: PgColumn; attempt: PgColumn }) =>
  foreignKey({ columns: [table.run, table.attempt], foreignColumns: [runs.run, runs.attempt] }).onDelete("cascade");

/** The stages of a run. */
export const stages = pgTable(
  "stages",
  {
    run: run(),
    attempt: attempt(),
    stage: text("stage").$type<StageName>().notNull(),
    detail: text("detail").notNull(),
    outcome: text("outcome").$type<RunOutcome>().notNull(),
    startedAt: instant("started_at"),
    finishedAt: instant("finished_at"),
    failure: text("failure"),
  },
  (table) => [primaryKey({ columns: [table.run, table.attempt, table.stage, table.detail] }), ofRun(table)],
);

/** The images of a delivery. */
export const images = pgTable(
  "images",
  {
    run: run(),
    attempt: attempt(),
    name: text("name").notNull(),
    contentKey: text("content_key").notNull(),
    outcome: text("outcome").$type<"built" | "adopted" | "failed">().notNull(),
  },
  (table) => [primaryKey({ columns: [table.run, table.attempt, table.name] }), ofRun(table)],
);

/** The release commits. */
export const releases = pgTable(
  "releases",
  {
    run: run(),
    attempt: attempt(),
    commit: text("commit").notNull(),
    at: instant("at").notNull(),
    images: jsonb("images").$type<Release["images"]>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.run, table.attempt] }), ofRun(table)],
);

/** The proofs, whole. */
export const proofs = pgTable(
  "proofs",
  { run: run(), attempt: attempt(), body: jsonb("body").$type<Proof>().notNull() },
  (table) => [primaryKey({ columns: [table.run, table.attempt] }), ofRun(table)],
);

/** Which digests of an app were proven when: what tells since when they run. */
export const provenApps = pgTable(
  "proven_apps",
  {
    run: run(),
    attempt: attempt(),
    environment: text("environment").notNull(),
    app: text("app").notNull(),
    provenAt: instant("proven_at").notNull(),
    /** A hash of its images' names and digests. */
    digests: text("digests").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.run, table.attempt, table.app] }),
    index("proven_apps_newest").on(table.environment, table.app, table.provenAt, table.digests),
    ofRun(table),
  ],
);

/** What runs in each environment, as far as proofs know: kept by `refresh_running`. */
export const runningApps = pgTable(
  "running_apps",
  {
    environment: text("environment").notNull(),
    app: text("app").notNull(),
    /** Its newest proof. */
    run: run(),
    attempt: attempt(),
    provenAt: instant("proven_at").notNull(),
    /** When these digests were first proven, and by which delivery. */
    since: instant("since").notNull(),
    firstRun: bigint("first_run", { mode: "bigint" }).notNull(),
    firstAttempt: integer("first_attempt").notNull(),
  },
  (table) => [primaryKey({ columns: [table.environment, table.app] }), ofRun(table)],
);

/** The teardowns' receipts. */
export const receipts = pgTable(
  "receipts",
  {
    run: run(),
    attempt: attempt(),
    environment: text("environment").notNull(),
    at: instant("at").notNull(),
    clean: boolean("clean").notNull(),
    billable: integer("billable").notNull(),
    unknown: integer("unknown").notNull(),
    kept: integer("kept").notNull(),
    monthlyUsd: doublePrecision("monthly_usd").notNull(),
    keptMonthlyUsd: doublePrecision("kept_monthly_usd").notNull(),
    body: jsonb("body").$type<ReportedReceipt>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.run, table.attempt] }),
    index("receipts_newest").on(table.at, table.run, table.attempt),
    index("receipts_environment_newest").on(table.environment, table.at, table.run, table.attempt),
    ofRun(table),
  ],
);

/** That a run's row changed, for those who watch. Ids rise in the order of commits, because reports take turns. */
export const events = pgTable(
  "events",
  {
    id: bigserial("id", { mode: "bigint" }).primaryKey(),
    run: run(),
    attempt: attempt(),
    at: instant("at").notNull().defaultNow(),
  },
  (table) => [index("events_at").on(table.at), index("events_run").on(table.run, table.attempt), ofRun(table)],
);

/** What the DORA measures of one day and environment are made of: kept by `refresh_measures`. */
export const measureDays = pgTable(
  "measure_days",
  {
    day: date("day").notNull(),
    environment: text("environment").notNull(),
    deployments: integer("deployments").notNull(),
    /** Seconds from commit to proof, of each deployment. */
    leadTimes: integer("lead_times").array().notNull(),
    releases: integer("releases").notNull(),
    failedReleases: integer("failed_releases").notNull(),
    /** Seconds from a failed delivery's end to the next proof, of each that failed on that day. */
    recoveries: integer("recoveries").array().notNull(),
  },
  (table) => [primaryKey({ columns: [table.day, table.environment] })],
);

/** One-time links; the kit's. */
export const signInLinks = pgTable("sign_in_links", {
  hash: bytea("hash").primaryKey(),
  expiresAt: timestamp("expires_at", { withTimezone: true }).notNull(),
  usedAt: timestamp("used_at", { withTimezone: true }),
});
