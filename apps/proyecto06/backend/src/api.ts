import { addSessionRoutes, Api, sessionSecurity } from "@slipway/kit";
import { z } from "zod";
import type { AppContext } from "./context.ts";
import { addDeliveryRoutes } from "./deliveries/routes.ts";
import { addEnvironmentRoutes } from "./environments/routes.ts";
import { addEventRoutes } from "./events/routes.ts";
import { addMeasureRoutes } from "./measures/routes.ts";
import { addReceiptRoutes } from "./receipts/routes.ts";
import { addReportRoutes, pipelineSecurity } from "./reports/routes.ts";

/** The service's routes. */
export function createApi(context: AppContext): Api {
  const { config, metrics, sessions } = context;
  const api = new Api({
    title: "Delivery console",
    version: config.SERVICE_VERSION,
    description: "What the pipeline did, for those who are signed in.",
    securitySchemes: {
      [sessionSecurity]: {
        type: "apiKey",
        in: "cookie",
        name: sessions.cookie.name,
        description: "Given by /api/session/sign-in or a one-time link.",
      },
      [pipelineSecurity]: {
        type: "http",
        scheme: "bearer",
        description: `An OIDC token that ${config.REPORT_ISSUER} gave a workflow of ${config.REPORT_REPOSITORY} for the audience ${config.REPORT_AUDIENCE}.`,
      },
    },
  });
  addReportRoutes(api, context);
  addSessionRoutes(api, context);
  addDeliveryRoutes(api, context);
  addEnvironmentRoutes(api, context);
  addReceiptRoutes(api, context);
  addMeasureRoutes(api, context);
  addEventRoutes(api, context);
  // Also here and not only on the metrics' own port: inside the cluster alone, no proxy leads here.
  const metricsSpec = { summary: "Metrics for Prometheus", tag: "metrics", response: z.string() };
  api.get("/metrics", { ...metricsSpec, contentType: metrics.registry.contentType }, () => metrics.registry.metrics());
  return api;
}
