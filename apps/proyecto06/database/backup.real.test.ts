import { readdir, realpath, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createLogger, createPool } from "@slipway/kit";
import { startPostgres, type TestPostgres } from "@slipway/kit/testing/postgres.ts";
import { temporaryFolder } from "@slipway/kit/testing/process.ts";
import { startWorkflowIssuer, type TestWorkflowIssuer } from "@slipway/kit/testing/workflow-issuer.ts";
import type { Pool } from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { run } from "../../../actions/lib/core/process.ts";
import { ensureSystemPackages } from "../../../scripts/rehearsal/tools/system.ts";
import { seed } from "../backend/src/seed/seed.ts";
import { databaseFor, delivery, startReplica, testConfig } from "../backend/src/testing.ts";

const parts = new AsyncDisposableStack();
let postgres: TestPostgres;
let issuer: TestWorkflowIssuer;
let programs: string;
let databases = 0;
let tests = new AsyncDisposableStack();
let environment: Record<string, string>;
let folder: string;
let pool: Pool;

beforeAll(async () => {
  postgres = parts.use(await startPostgres());
  issuer = parts.use(await startWorkflowIssuer());
  programs = dirname(await realpath((await ensureSystemPackages(["postgres", "psql"])).postgres));
});
afterAll(() => parts.disposeAsync());
beforeEach(async () => {
  await tests.disposeAsync();
  tests = new AsyncDisposableStack();
  environment = await databaseFor(postgres, `backup${++databases}`, issuer);
  folder = tests.use(await temporaryFolder("backups")).path;
  const config = testConfig(environment);
  pool = createPool(config, createLogger(config));
  tests.defer(() => pool.end());
});
afterAll(() => tests.disposeAsync());

/** Runs one of the image's tools as its container does. */
async function tool(name: "backup" | "restore", extra: Record<string, string> = {}, okCodes = [0]) {
  const env = {
    PATH: `${programs}:${process.env.PATH ?? ""}`,
    PGHOST: environment["DATABASE_HOST"],
    PGPORT: environment["DATABASE_PORT"],
    PGUSER: environment["DATABASE_USER"],
    PGPASSWORD: environment["DATABASE_PASSWORD"],
    PGDATABASE: environment["DATABASE_NAME"],
    BACKUP_FOLDER: folder,
    ...extra,
  };
  return run("bash", [join(import.meta.dirname, `${name}.sh`)], { env, okCodes });
}

/** Every row of every table, and the sequences. */
async function contents() {
  const { rows } = await pool.query<{ name: string }>(
    "SELECT format('%I.%I', schemaname, relname) AS name FROM pg_stat_user_tables ORDER BY 1",
  );
  const tables: [string, unknown][] = [];
  for (const { name } of rows) {
    const sum = `SELECT count(*), md5(string_agg(t::text, ',' ORDER BY t::text)) AS sum FROM ${name} AS t`;
    tables.push([name, (await pool.query(sum)).rows[0]]);
  }
  tables.push(["events_id_seq", (await pool.query("SELECT last_value FROM events_id_seq")).rows[0]]);
  return tables;
}

test("what was backed up is there again, row by row, into an empty database as over a changed one; twice", async () => {
  await seed(pool, 500);
  await using replica = await startReplica(testConfig(environment));
  await replica.post("/api/reports", delivery(), await issuer.token());
  const before = await contents();
  expect(before.length).toBeGreaterThan(12);
  expect((await tool("backup")).stdout).toMatch(/^wrote backup\d+-\d{8}T\d{6}Z\.dump, \d+ bytes\n$/);
  await pool.query("DELETE FROM runs; CREATE TABLE of_a_later_migration (id int)");
  expect((await tool("restore")).stdout).toMatch(/^restored backup\d+-.*\.dump\n$/);
  expect(await contents()).toEqual(before);
  await pool.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public; DROP SCHEMA drizzle CASCADE");
  await tool("restore");
  expect(await contents()).toEqual(before);
  // The service goes on with it, by itself.
  const { status } = await replica.post(
    "/api/reports",
    delivery({ run: "1001" }),
    await issuer.token({ run_id: "1001" }),
  );
  expect(status).toBe(200);
  expect((await replica.get("/api/deliveries/1001-1")).status).toBe(200);
  await tool("backup");
  await tool("restore");
});

test("a restore that fails half-way changes nothing, and one of nothing says what there is", async () => {
  await seed(pool, 200);
  const before = await contents();
  const none = await tool("restore", {}, [2]);
  expect(none.stderr).toContain("There is no backup");
  await tool("backup");
  const [dump = ""] = await readdir(folder);
  expect((await tool("restore", { RESTORE: "other.dump" }, [2])).stderr).toContain(`  ${dump}`);
  // Cut off in the middle of its data: its table of contents is still whole.
  const { readFile } = await import("node:fs/promises");
  const bytes = await readFile(join(folder, dump));
  await writeFile(join(folder, dump), bytes.subarray(0, Math.floor(bytes.length * 0.6)));
  const failed = await tool("restore", {}, [1, 2, 3]);
  expect(failed.stderr).toContain("pg_restore: error");
  expect(await contents()).toEqual(before);
});

test("the newest are kept; what was cut off, and what is somebody else's, is treated as such", async () => {
  const name = environment["DATABASE_NAME"] ?? "";
  const old = ["20260101T000000Z", "20260102T000000Z", "20260103T000000Z"].map((at) => `${name}-${at}.dump`);
  for (const file of [...old, `${name}-20260104T000000Z.dump.part`, "mine.dump"])
    await writeFile(join(folder, file), "");
  const { stdout } = await tool("backup", { BACKUP_KEEP: "2" });
  expect(stdout).toContain(`forgot ${old[0]}\n`);
  const left = await readdir(folder);
  expect(left.sort()).toEqual([old[2], expect.stringMatching(/-\d{8}T\d{6}Z\.dump$/), "mine.dump"]);
  expect((await tool("backup", { BACKUP_KEEP: "0" }, [2])).stderr).toContain("BACKUP_KEEP");
});

test("a backup that fails leaves the others, and has a name of its own only when it is whole", async () => {
  await tool("backup");
  const before = await readdir(folder);
  await tool("backup", { PGPASSWORD: "wrong" }, [1]);
  expect((await readdir(folder)).filter((file) => file.endsWith(".dump"))).toEqual(before);
});
