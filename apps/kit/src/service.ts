import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { type AppOptions, createApp } from "./app.ts";
import type { ServiceConfig } from "./config.ts";
import type { EventStreams } from "./event-streams.ts";
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

/** What `startService` needs beside the application's parts. */
export interface ServiceOptions extends AppOptions {
  config: ServiceConfig;
  /** Ended at shutdown, once nobody routes here: they would never end by themselves. */
  streams?: EventStreams;
}

/** Starts a service: resolves once both ports listen, throws when one cannot be had. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, health, logger, metrics = createMetrics() } = options;
  const server = createServer(createApp({ ...options, metrics }));
  // Longer than the idle time of any proxy before it, or the proxy would reuse a connection that we are closing:
  // https://nodejs.org/api/http.html#serverkeepalivetimeout
  server.keepAliveTimeout = 75_000;
  server.headersTimeout = 80_000;
  server.requestTimeout = 60_000;
  const connections = connectionsOf(server);
  const metricsServer = createMetricsServer(metrics.registry);
  const port = await listen(server, config.PORT);
  const metricsPort = await listen(metricsServer, config.METRICS_PORT);
  logger.info({ port, metricsPort }, "listening");
  const stop = async () => {
    health.draining = true;
    logger.info({ delay: config.SHUTDOWN_DELAY_MS }, "draining");
    // Endpoints are taken out of every node's routes only some time after the pod was told to end; until then
    // requests still arrive and are served: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
    await wait(config.SHUTDOWN_DELAY_MS);
    options.streams?.close();
    await close(server, connections);
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

/** The connections of a server, each with the last answer that was begun on it. */
function connectionsOf(server: Server): ReadonlyMap<Socket, ServerResponse | undefined> {
  const connections = new Map<Socket, ServerResponse | undefined>();
  server.on("connection", (socket: Socket) => {
    connections.set(socket, undefined);
    socket.on("close", () => connections.delete(socket));
  });
  server.on("request", ({ socket }, response) => connections.set(socket, response));
  return connections;
}

/** How often, in milliseconds, a closing server looks for connections on which nothing goes on, and believes it twice. */
const sweepInterval = 500;

/**
 * Resolves when the last open request is answered. Node's own `closeIdleConnections` neither looks again, when a kept
 * connection is answered later, nor takes a connection for idle on which nothing ever came (a browser's or balancer's, in
 * stock): either would hold the server up for as long as its caller likes.
 */
async function close(server: Server, connections: ReadonlyMap<Socket, ServerResponse | undefined>): Promise<void> {
  const closed = once(server, "close");
  server.close();
  let before = new Map<Socket, ServerResponse | undefined>();
  const sweep = setInterval(() => {
    const idle = new Map([...connections].filter(([, response]) => response?.closed ?? true));
    // Idle twice with nothing between: a request that is on its way on a new connection has had the time to come.
    for (const [socket, response] of idle)
      if (before.has(socket) && before.get(socket) === response) socket.destroySoon();
    before = idle;
  }, sweepInterval);
  await closed;
  clearInterval(sweep);
}
