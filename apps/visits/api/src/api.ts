import { Api } from "@slipway/kit";
import type { AppContext } from "./context.ts";
import { addVisitRoutes } from "./visits/routes.ts";

/** The service's routes. */
export function createApi(context: AppContext): Api {
  const description = "Counts visits in Redis, keeps their history in PostgreSQL.";
  const api = new Api({ title: "visits", version: context.config.SERVICE_VERSION, description });
  addVisitRoutes(api, context);
  return api;
}
