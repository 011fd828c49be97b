import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { type AppOptions, createApp } from "../http/app.ts";
import type { ServiceConfig } from "./config.ts";
import { answerUnreadable, closeServer, connectionsOf } from "../http/connections.ts";
import type { LongLived } from "../events/long-lived.ts";
import type { Sockets } from "../sockets/sockets.ts";
import type { Worker } from "./worker.ts";
import { Faults } from "../resilience/faults.ts";
import type { Logger } from "./logger.ts";
import { createMetrics, createMetricsServer } from "./metrics.ts";

/** A service that is serving. */
export interface Service {
  /** The port of the API. */
  port: number;
  /** The port of the metrics. */
  metricsPort: number;
  /** Not ready at once, routed around after the delay, every request answered, then closed. Safe to call twice. */
  stop(): Promise<void>;
}

/** What `startService` needs in addition to the application's parts. */
export interface ServiceOptions extends AppOptions {
  config: ServiceConfig;
  /** Ended at shutdown, once nobody routes here: they would never end by themselves. */
  streams?: LongLived;
  /** The service's WebSockets, ended as the streams are. */
  sockets?: Pick<Sockets, "attach" | "shouldUpgradeCallback"> & LongLived;
  /** Work in addition to requests: started with the service, stopped after its last request. */
  workers?: readonly Worker[];
}

/** Starts a service: resolves once both ports listen, throws when one cannot be had. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, health, logger, streams, sockets, workers = [], metrics = createMetrics() } = options;
  const faults = config.FAULT_TOKEN ? new Faults({ token: config.FAULT_TOKEN, logger, metrics }) : undefined;
  const middleware = [...(faults ? [faults.middleware] : []), ...(options.middleware ?? [])];
  const server = createServer(
    { ...(sockets && { shouldUpgradeCallback: sockets.shouldUpgradeCallback }) },
    createApp({ ...options, middleware, metrics }),
  );
  // Longer than the idle time of any proxy before it, or the proxy would reuse a connection that we are closing:
  // https://nodejs.org/api/http.html#serverkeepalivetimeout
  server.keepAliveTimeout = 75_000;
  server.headersTimeout = 80_000;
  server.requestTimeout = 60_000;
  const connections = connectionsOf(server);
  answerUnreadable(server, connections);
  sockets?.attach(server);
  const metricsServer = createMetricsServer(
    metrics.registry,
    new Map(faults && [["/faults", (request, response) => faults.answer(request, response)]]),
  );
  const port = await listen(server, config.PORT);
  const metricsPort = await listen(metricsServer, config.METRICS_PORT);
  for (const worker of workers) worker.start();
  logger.info({ port, metricsPort }, "listening");
  const stop = async () => {
    health.draining = true;
    logger.info({ delay: config.SHUTDOWN_DELAY_MS }, "draining");
    // Endpoints are taken out of every node's routes only some time after the pod was told to end; until then
    // requests still arrive and are served: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
    await wait(config.SHUTDOWN_DELAY_MS);
    logger.info({ streams: streams?.size ?? 0, sockets: sockets?.size ?? 0 }, "ending what stays open");
    streams?.close();
    sockets?.close();
    await closeServer(server, connections);
    await Promise.all(workers.map((worker) => worker.stop()));
    metricsServer.closeAllConnections();
    metricsServer.close();
    logger.info("closed");
  };
  let stopping: Promise<void> | undefined;
  return {
    port,
    metricsPort,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** A service's parts that have to be ended after its last request. */
export interface RunOptions extends ServiceOptions {
  /** Ends pools and clients. */
  end?: () => Promise<unknown>;
}

/**
 * Runs a service until SIGTERM or SIGINT, then stops it in order and ends its pools. A timer ends the process with exit
 * code 1 if that takes longer than SHUTDOWN_TIMEOUT_MS.
 */
export async function runService(options: RunOptions): Promise<void> {
  const { config, logger } = options;
  const service = await startService(options);
  const signal = await Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
  logger.info({ signal: signal[0] }, "stopping");
  setTimeout(() => {
    logger.error({ timeout: config.SHUTDOWN_TIMEOUT_MS }, "not stopped in time");
    process.exit(1);
  }, config.SHUTDOWN_TIMEOUT_MS).unref();
  await service.stop();
  await options.end?.();
}

/** Runs a program's main function: a failure is logged in one line and becomes exit code 1. */
export async function runMain(logger: Logger, main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    logger.fatal({ err: error }, "failed");
    process.exitCode = 1;
  }
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port);
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address ? address.port : port;
}
