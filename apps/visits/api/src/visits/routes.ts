import { type Api, localsOf } from "@slipway/kit";
import type { AppContext } from "../context.ts";
import { historyLimit } from "./history.ts";
import {
  clientSchema,
  greetingSchema,
  historyQuerySchema,
  historySchema,
  hitsSchema,
  statisticsSchema,
  versionSchema,
} from "./schemas.ts";

/** Health checkers that ask for a page like a person does; their visits are no visits. */
const probeAgents = /^(kube-probe|ELB-HealthChecker|GoogleHC|Prometheus|Blackbox Exporter)\b/i;

/** Adds everything that visits can do. */
export function addVisitRoutes(api: Api, { config, counting, counted, history, store }: AppContext): void {
  const hostname = config.HOSTNAME;
  const greeting = { mensaje: "Sistema Distribuido funcionando", hostname };
  const version = { service: "visits-api", version: config.SERVICE_VERSION, hostname, node: process.versions.node };

  api.get("/", { summary: "Who answers", response: greetingSchema }, () => greeting);

  api.get(
    "/hits",
    {
      summary: "Count a visit",
      description: "Every GET counts, but for those of health checkers. HEAD only reads.",
      response: hitsSchema,
      statuses: { 503: null },
    },
    async ({ request, response }) => {
      // A copy in a cache would be a visit that nobody counts.
      response.setHeader("Cache-Control", "no-store");
      if (request.method === "HEAD" || probeAgents.test(request.headers["user-agent"] ?? ""))
        return { hits: await store.total(), hostname, counted: false, source: counting.source };
      const { number, source } = await counting.count();
      counted.inc({ source });
      return { hits: number, hostname, counted: true, source };
    },
  );

  api.get(
    "/history",
    { summary: "Visits per pod over time, newest first", query: historyQuerySchema, response: historySchema },
    async ({ query }) => {
      const entries = await history.entries(query);
      return { interval: query.interval, entries, truncated: entries.length === historyLimit };
    },
  );

  api.get("/statistics", { summary: "Totals", response: statisticsSchema }, async () => {
    const [total, recent, pods] = await Promise.all([store.total(), history.recent(), history.pods()]);
    return { total, recent, pods, source: counting.source };
  });

  api.get("/version", { summary: "What runs here", response: versionSchema }, () => version);

  api.get(
    "/client",
    { summary: "How the service sees its caller, through whichever proxy it trusts", response: clientSchema },
    ({ request, response }) => ({ address: request.ip ?? "", requestId: localsOf(response).requestId }),
  );
}
