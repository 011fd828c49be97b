import { randomUUID } from "node:crypto";
import express, { type Express, type Request, type RequestHandler, type Response } from "express";
import { type Api, addDocumentationRoutes } from "./api.ts";
import type { ServiceConfig } from "../service/config.ts";
import { addHealthRoutes, type Health } from "../service/health.ts";
import { localsOf } from "./locals.ts";
import type { Logger } from "../service/logger.ts";
import { createMetrics, type Metrics } from "../service/metrics.ts";
import { notFound, problemHandler } from "./problems.ts";

/** What an application is made of. */
export interface AppOptions {
  config: Pick<ServiceConfig, "TRUSTED_PROXIES">;
  logger: Logger;
  api: Api;
  health: Health;
  metrics?: Metrics;
  /** What every request passes before the routes, such as `securityHeaders`. */
  middleware?: readonly RequestHandler[];
}

/** Puts a service together: measuring, request ids, its routes, health, documentation, problems. Never listens. */
export function createApp({
  config,
  logger,
  api,
  health,
  middleware = [],
  metrics = createMetrics(),
}: AppOptions): Express {
  addHealthRoutes(api, health);
  addDocumentationRoutes(api);
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", "simple");
  app.set("trust proxy", config.TRUSTED_PROXIES.length > 0 ? config.TRUSTED_PROXIES : false);
  app.use(
    metrics.middleware,
    identify(app, logger, health),
    ...middleware,
    api.router,
    notFound,
    problemHandler(logger),
  );
  return app;
}

/** What a request id from outside may look like: it is copied into logs and answers. */
const requestIdPattern = /^[\w-]{1,64}$/;

/**
 * Gives each request an id (the trusted proxy's, or a new one). Answers are logged at "debug" only: the gateway already
 * writes an access log line with the same id, and the error handler logs what failed, at any level.
 */
function identify(app: Express, logger: Logger, health: Health): RequestHandler {
  const trusted = app.get("trust proxy fn") as (address: string | undefined, hop: number) => boolean;
  const verbose = logger.isLevelEnabled("debug");
  return (request, response, next) => {
    const given = request.headers["x-request-id"];
    const believed =
      typeof given === "string" && trusted(request.socket.remoteAddress, 0) && requestIdPattern.test(given);
    const requestId = believed ? given : randomUUID();
    localsOf(response).requestId = requestId;
    response.setHeader("X-Request-Id", requestId);
    // A proxy that keeps connections open must not send its next request to a process that is going away.
    if (health.draining) response.setHeader("Connection", "close");
    if (verbose) logAnswer(request, response, logger);
    next();
  };
}

function logAnswer(request: Request, response: Response, logger: Logger): void {
  const start = performance.now();
  response.on("finish", () => {
    const { method, url: path, ip: client } = request;
    const { requestId } = localsOf(response);
    const ms = Math.round(performance.now() - start);
    logger.debug({ requestId, method, path, status: response.statusCode, client, ms }, "answered");
  });
}
