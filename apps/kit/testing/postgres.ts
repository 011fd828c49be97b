import { realpath, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import pg from "pg";
import { ensureSystemPackages } from "../../../scripts/rehearsal/tools/system.ts";
import { eventually, freePort, startDaemon, temporaryFolder, unprivileged } from "./process.ts";

/** A PostgreSQL server of a test's own. */
export interface TestPostgres extends AsyncDisposable {
  /** The environment that a service with `databaseVariables` reads. */
  environment: Record<string, string>;
  /** Creates an empty database and returns the environment that leads to it. */
  createDatabase(name: string): Promise<Record<string, string>>;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Starts a real PostgreSQL with an empty cluster in a temporary folder, on a free port. */
export async function startPostgres(): Promise<TestPostgres> {
  const { postgres } = await ensureSystemPackages(["postgres"]);
  const folder = await temporaryFolder("postgres");
  const user = await unprivileged();
  const data = join(folder.path, "data");
  const passwordFile = join(folder.path, "password");
  const password = "only-for-this-test";
  await writeFile(passwordFile, password, { mode: 0o644 });
  // PATH may hold a link to the server alone; its tools are next to the file that the link leads to.
  const initdb = join(dirname(await realpath(postgres)), "initdb");
  const initArgs = ["-D", data, "-U", "test", "--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--no-sync"];
  const init = await startDaemon(initdb, initArgs, { log: join(folder.path, "initdb.log"), user, cwd: folder.path });
  await eventually(() => {
    if (init.child.exitCode === null) throw new Error("initdb is still running");
  }, 60_000);
  if (init.child.exitCode !== 0) throw new Error(`initdb failed:\n${await init.output()}`);
  const port = await freePort();
  const environment = {
    DATABASE_HOST: "127.0.0.1",
    DATABASE_PORT: String(port),
    DATABASE_NAME: "postgres",
    DATABASE_USER: "test",
    DATABASE_PASSWORD: password,
  };
  const settings = ["fsync=off", "max_connections=100", `port=${port}`, "unix_socket_directories="];
  const args = ["-D", data, ...settings.flatMap((setting) => ["-c", setting])];
  const log = join(folder.path, "postgres.log");
  const query = async (sql: string) => {
    const client = new pg.Client({ host: "127.0.0.1", port, user: "test", password, database: "postgres" });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  };
  const launch = async () => {
    const daemon = await startDaemon(postgres, args, { log, user, cwd: folder.path });
    await eventually(() => query("SELECT 1"));
    return daemon;
  };
  let daemon = await launch();
  return {
    environment,
    async createDatabase(name) {
      await query(`CREATE DATABASE "${name}"`);
      return { ...environment, DATABASE_NAME: name };
    },
    async stop() {
      // SIGINT is PostgreSQL's fast shutdown: open sessions are ended, committed work is kept.
      await daemon.stop("SIGINT");
    },
    async start() {
      daemon = await launch();
    },
    async [Symbol.asyncDispose]() {
      await daemon.stop("SIGINT");
      await folder[Symbol.asyncDispose]();
    },
  };
}
