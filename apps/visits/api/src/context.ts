import { createLogger, createMetrics, createPool, Health } from "@slipway/kit";
import { Counter } from "prom-client";
import type { AppConfig } from "./config.ts";
import { VisitCounting } from "./visits/counting.ts";
import { VisitHistory } from "./visits/history.ts";
import { VisitStore } from "./visits/store.ts";

/** Everything that the service's parts need of each other: the whole of its dependency injection. */
export type AppContext = ReturnType<typeof createAppContext>;

/** Creates the service's parts. Connections are made when they are first needed; `end` closes them. */
export function createAppContext(config: AppConfig) {
  const logger = createLogger(config);
  const metrics = createMetrics();
  const pool = createPool(config, logger);
  const store = new VisitStore(pool, config.HOSTNAME);
  const counting = new VisitCounting(config, store, logger);
  return {
    config,
    logger,
    metrics,
    store,
    counting,
    history: new VisitHistory(pool),
    counted: new Counter({
      name: "visits_counted_total",
      help: "Visits counted, by who handed out their number.",
      labelNames: ["source"],
      registers: [metrics.registry],
    }),
    health: new Health({
      required: { database: () => pool.query("SELECT 1") },
      optional: { cache: () => counting.ping() },
    }),
    async end() {
      counting.end();
      await pool.end();
    },
  };
}
