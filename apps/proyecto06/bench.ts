import { join } from "node:path";
import { createLogger, createPool, OneTimeLinks } from "@slipway/kit";
import { startPostgres } from "@slipway/kit/testing/postgres.ts";
import { eventually, freePort, startDaemon, temporaryFolder } from "@slipway/kit/testing/process.ts";
import { startWorkflowIssuer } from "@slipway/kit/testing/workflow-issuer.ts";
import { run } from "../../actions/lib/core/process.ts";
import { Deliveries, wholeDelivery } from "./backend/src/deliveries/repository.ts";
import { seed } from "./backend/src/seed/seed.ts";
import { databaseFor, signIn, testConfig } from "./backend/src/testing.ts";
import { ensureSystemPackages } from "../../scripts/rehearsal/tools/system.ts";
import { type Benchmark, compare, type BenchmarkResult, median } from "../../scripts/bench/harness.ts";

const backend = join(import.meta.dirname, "backend");
const deliveries = 100_000;

/** Express as one gets it, with a route that answers the same JSON. */
const expressDefaults = `
  const express = (await import("express")).default;
  const app = express();
  app.get("/health/live", (request, response) => response.json({ status: "live" }));
  app.listen(Number(process.env.PORT));`;

/** P14 and P15 of the console's backend, and its pages at 100,000 deliveries. */
export const measure: Benchmark = async ({ runs }) => {
  await using parts = new AsyncDisposableStack();
  const postgres = parts.use(await startPostgres());
  const issuer = parts.use(await startWorkflowIssuer());
  const environment = await databaseFor(postgres, "bench", issuer);
  const config = testConfig(environment);
  const pool = createPool(config, createLogger(config));
  parts.defer(() => pool.end());
  await seed(pool, deliveries);
  const folder = parts.use(await temporaryFolder("bench-console"));
  await run("npm", ["run", "build"], { cwd: backend });
  const start = async (args: string[], env: Record<string, string>) => {
    const port = String(await freePort());
    const log = join(folder.path, `${port}.log`);
    const daemon = await startDaemon(process.execPath, args, { log, cwd: backend, env: { ...env, PORT: port } });
    parts.defer(async () => {
      await daemon.stop();
    });
    const origin = `http://127.0.0.1:${port}`;
    await eventually(() => fetch(`${origin}/health/live`));
    return { origin, daemon };
  };
  const quiet = { NODE_ENV: "production", METRICS_PORT: "0", LOG_LEVEL: "error", SHUTDOWN_DELAY_MS: "0" };
  const limits = { REQUESTS_PER_MINUTE: "10000000", ONE_TIME_LINK: "true", SESSION_KEY: "k".repeat(32) };
  const pipeline = { ALLOW_HTTP_ISSUERS: "true", REPORT_REPOSITORY: "octo/slipway", DATABASE_POOL_SIZE: "6" };
  const ours = await start(["dist/main.js"], { ...environment, ...quiet, ...limits, ...pipeline });
  const peer = await start(["--input-type=module", "--eval", expressDefaults], { NODE_ENV: "production" });
  const cookie = await signIn(ours.origin, new OneTimeLinks(pool));

  const { wrk } = await ensureSystemPackages(["wrk"]);
  const throughput = (origin: string) => () =>
    run(wrk, ["-t1", "-c50", "-d3s", `${origin}/health/live`]).then(({ stdout }) => rate(stdout));
  const rates = { ours: [] as number[], peer: [] as number[] };
  for (let index = 0; index < runs; index += 1) {
    rates.ours.push(await throughput(ours.origin)());
    rates.peer.push(await throughput(peer.origin)());
  }
  // As time, because that is what the table has: of ten thousand requests.
  const [mine, theirs] = [rates.ours, rates.peer].map((each) => 1e7 / median(each)) as [number, number];
  const json: BenchmarkResult = {
    work: "P14 ten thousand answers of JSON",
    time: mine,
    peer: { name: "Express defaults", time: theirs, ratio: mine / theirs, goal: 1 / 1.3 },
  };

  const reader = new Deliveries(pool);
  const ids = Array.from({ length: 2_000 }, (_, i) => 1_000_001 + ((i * 7_919) % deliveries));
  const row = await compare(
    "P15 two thousand deliveries by their id, as the API reads them",
    runs,
    async () => {
      for (const id of ids) await reader.find(`${id}-1`);
    },
    {
      name: "raw named pg",
      goal: 1 / 0.95,
      run: async () => {
        for (const id of ids) await pool.query({ name: "raw", text: wholeDelivery, values: [id, 1] });
      },
    },
  );
  return [json, row, ...(await pages(ours.origin, cookie, Math.max(runs * 10, 50)))];
};

/** How long one waits for each page: median and 99th percentile. */
async function pages(origin: string, cookie: string, times: number): Promise<BenchmarkResult[]> {
  const { next } = (await ask(origin, "/api/deliveries?limit=50", cookie)) as { next: string };
  const paths = {
    list: "/api/deliveries?limit=50",
    "list, next page": `/api/deliveries?limit=50&cursor=${next}`,
    "list, search": "/api/deliveries?limit=50&search=translate%20a%20cursor",
    "list, search for one": "/api/deliveries?limit=50&search=%23777)",
    "measures, a year by week": `/api/measures?interval=week&from=${new Date(Date.now() - 365 * 86_400_000).toISOString()}`,
    "measures, by month, one environment": "/api/measures?interval=month&environment=dev",
    environments: "/api/environments",
  };
  const measures: BenchmarkResult[] = [];
  for (const [name, path] of Object.entries(paths)) {
    const took: number[] = [];
    for (let index = 0; index < times; index += 1) {
      const start = performance.now();
      await ask(origin, path, cookie);
      took.push(performance.now() - start);
    }
    measures.push({ work: `${name}: median`, time: median(took) });
    const worst = took.toSorted((a, b) => a - b)[Math.ceil(times * 0.99) - 1] ?? Number.NaN;
    measures.push({ work: `${name}: 99th percentile`, time: worst });
  }
  return measures;
}

async function ask(origin: string, path: string, cookie: string): Promise<unknown> {
  const response = await fetch(origin + path, { headers: { Cookie: cookie } });
  if (response.status !== 200) throw new Error(`${path} answers ${response.status}: ${await response.text()}`);
  return response.json();
}

function rate(output: string): number {
  return Number(/Requests\/sec: +([\d.]+)/.exec(output)?.[1]);
}
