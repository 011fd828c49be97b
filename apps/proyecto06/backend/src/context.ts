import {
  createLogger,
  createMetrics,
  createPool,
  Health,
  limited,
  linkPath,
  OneTimeLinks,
  securityHeaders,
  sessionOf,
  Sessions,
  sessionSecurity,
} from "@slipway/kit";
import type { AppConfig } from "./config.ts";
import { Deliveries } from "./deliveries/repository.ts";
import { Environments } from "./environments/repository.ts";
import { EventHub } from "./events/hub.ts";
import { MeasuresOfDeliveries } from "./measures/repository.ts";
import { Receipts } from "./receipts/repository.ts";
import { Reports } from "./reports/repository.ts";

/** Everything that the service's parts need of each other: the whole of its dependency injection. */
export type AppContext = ReturnType<typeof createAppContext>;

/** Creates the service's parts. Connections are made when they are first needed; `end` closes them. */
export function createAppContext(config: AppConfig) {
  const logger = createLogger(config);
  const pool = createPool(config, logger);
  const hub = new EventHub({ config, pool, logger });
  const sessions = new Sessions(config);
  const perPerson = limited({
    perMinute: config.REQUESTS_PER_MINUTE,
    key: (_request, response) => JSON.stringify(sessionOf(response)),
  });
  return {
    config,
    logger,
    metrics: createMetrics(),
    middleware: [securityHeaders],
    sessions,
    links: new OneTimeLinks(pool),
    /** What every route has that only people who are signed in may ask. */
    forPeople: { security: sessionSecurity, before: [sessions.require, perPerson] },
    reports: new Reports(pool),
    deliveries: new Deliveries(pool),
    environments: new Environments(pool),
    receipts: new Receipts(pool),
    measures: new MeasuresOfDeliveries(pool),
    hub,
    streams: hub.streams,
    health: new Health({ required: { database: () => pool.query("SELECT 1") } }),
    async end() {
      await hub.end();
      await pool.end();
    },
  };
}

/** Offers a way in where nobody has one yet: prints a one-time link's path, once in the life of a database. */
export async function offerFirstLink({ config, links, logger }: AppContext): Promise<void> {
  if (!config.ONE_TIME_LINK) return;
  const first = await links.createFirst();
  if (first) logger.warn(`Sign in once, within 24 hours: ${linkPath(first)}`);
}
