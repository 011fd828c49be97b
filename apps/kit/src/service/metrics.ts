import { createServer, type Server } from "node:http";
import type { RequestHandler } from "express";
import { localsOf } from "../http/locals.ts";
import { collectDefaultMetrics, Histogram, Registry } from "prom-client";

/** The label of requests that no route took: raw paths would make a series each. */
const unmatched = "unmatched";

/** A service's metrics: the process's own, the duration of its requests, and whatever it registers itself. */
export interface Metrics {
  registry: Registry;
  /** Measures every request under the template of its route (`/users/:id`), never under its path. */
  middleware: RequestHandler;
}

/** Creates a registry of its own, so that two services in one process (a test) do not share series. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: "http_request_duration_seconds",
    help: "Time from the request's head to the answer's end, in seconds.",
    labelNames: ["method", "route", "status"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const series = new Map<string, ReturnType<typeof duration.labels>>();
  const middleware: RequestHandler = (request, response, next) => {
    const start = performance.now();
    response.on("close", () => {
      // 499, as nginx has it: the caller left before the answer was out.
      const status = response.writableFinished ? response.statusCode : 499;
      const { route = unmatched } = localsOf(response);
      const key = `${request.method} ${status} ${route}`;
      let observed = series.get(key);
      if (!observed) {
        observed = duration.labels(request.method, route, String(status));
        series.set(key, observed);
      }
      observed.observe((performance.now() - start) / 1_000);
    });
    next();
  };
  return { registry, middleware };
}

/** A server that only knows `GET /metrics`; the caller lets it listen. */
export function createMetricsServer(registry: Registry): Server {
  return createServer((request, response) => {
    if (request.method !== "GET" || request.url !== "/metrics") {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (body) => response.writeHead(200, { "Content-Type": registry.contentType }).end(body),
      () => response.writeHead(500).end(),
    );
  });
}
