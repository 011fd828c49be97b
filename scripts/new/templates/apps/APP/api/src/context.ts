import {
  createLogger,
  createMetrics,
  // if database
  createPool,
  // end
  Health,
} from "@slipway/kit";
import type { AppConfig } from "./config.ts";
// if cache
import { CountCache } from "./count/cache.ts";
// end
// if database
import { Counter } from "./count/counter.ts";
// end

/** Everything that the service's parts need of each other. */
export type AppContext = ReturnType<typeof createAppContext>;

/** Creates the service's parts. Connections are made when they are first needed. */
export function createAppContext(config: AppConfig) {
  const logger = createLogger(config);
  // if database
  const pool = createPool(config, logger);
  // end
  // if cache
  const cache = new CountCache(config, logger);
  // end
  return {
    config,
    logger,
    metrics: createMetrics(),
    // if database
    counter: new Counter(
      pool,
      // if cache
      cache,
      // end
    ),
    // end
    health: new Health({
      // if database
      required: { database: () => pool.query("SELECT 1") },
      // end
      // if cache
      optional: { cache: () => cache.ping() },
      // end
    }),
    // if database
    /** Closes the connections. */
    async end() {
      // if cache
      cache.end();
      // end
      await pool.end();
    },
    // end
  };
}
