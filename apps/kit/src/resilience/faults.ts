import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import type { RequestHandler } from "express";
import { Counter } from "prom-client";
import { z } from "zod";
import { Problem } from "../http/problems.ts";
import type { Logger } from "../service/logger.ts";
import type { Metrics } from "../service/metrics.ts";

/** What goes wrong on purpose. It ends by itself. */
const faultSchema = z
  .strictObject({
    /** Requests whose path begins so; all when left out. Never those of health. */
    path: z.string().startsWith("/").default("/"),
    /** Milliseconds by which they are held back. */
    latencyMs: z.int().min(0).max(60_000).default(0),
    /** What they are answered with instead. */
    status: z.int().min(500).max(599).optional(),
    /** How many of them it meets, 0 to 1. */
    share: z.number().min(0).max(1).default(1),
    /** How long it lasts. */
    seconds: z.int().min(1).max(900),
  })
  .refine(({ latencyMs, status }) => latencyMs > 0 || status !== undefined, "latencyMs or status is needed");

/** A fault that was asked for. */
export type Fault = z.output<typeof faultSchema>;

/** What faults need. */
export interface FaultOptions {
  /** Whoever knows it may inject faults. */
  token: string;
  logger: Logger;
  metrics: Metrics;
}

/**
 * Faults for experiments, where a mesh cannot inject them. `/faults` is on the metrics' port, which no gateway leads to, and
 * asks for the token: `GET` says which fault there is, `PUT` sets it, `DELETE` ends it.
 */
export class Faults {
  readonly #digest: Buffer;
  readonly #logger: Logger;
  readonly #injected: Counter;
  #fault: Fault | undefined;
  #ends = 0;

  constructor({ token, logger, metrics }: FaultOptions) {
    this.#digest = digestOf(token);
    this.#logger = logger;
    this.#injected = new Counter({
      name: "injected_faults_total",
      help: "Requests that were held back or refused on purpose.",
      labelNames: ["kind"],
      registers: [metrics.registry],
    });
  }

  /** What every request passes. */
  readonly middleware: RequestHandler = async (request, _response, next) => {
    const fault = this.#current();
    const met = fault && request.path.startsWith(fault.path) && !/^\/health(\/|$)/.test(request.path);
    if (!met || Math.random() >= fault.share) {
      next();
      return;
    }
    if (fault.latencyMs > 0) {
      this.#injected.inc({ kind: "latency" });
      await wait(fault.latencyMs);
    }
    if (fault.status === undefined) {
      next();
      return;
    }
    this.#injected.inc({ kind: "error" });
    throw new Problem(fault.status, "This answer was asked for by an experiment.");
  };

  /** Answers `/faults`. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#knows(request.headers.authorization)) {
      send(response.setHeader("WWW-Authenticate", "Bearer"), 401, { detail: "The token of FAULT_TOKEN is needed." });
      return;
    }
    if (request.method === "DELETE") this.#set(undefined);
    else if (request.method === "PUT") {
      const { data, error } = faultSchema.safeParse(await bodyOf(request));
      if (!data) {
        send(response, 400, { detail: z.prettifyError(error) });
        return;
      }
      this.#set(data);
    } else if (request.method !== "GET") {
      send(response.setHeader("Allow", "GET, PUT, DELETE"), 405, { detail: "GET, PUT or DELETE." });
      return;
    }
    const fault = this.#current() ?? null;
    send(response, 200, { fault, endsInSeconds: fault ? (this.#ends - performance.now()) / 1_000 : 0 });
  }

  #current(): Fault | undefined {
    if (this.#fault && performance.now() >= this.#ends) this.#set(undefined);
    return this.#fault;
  }

  #set(fault: Fault | undefined): void {
    if (fault || this.#fault) this.#logger.warn({ fault: fault ?? null }, fault ? "a fault begins" : "a fault ends");
    this.#fault = fault;
    this.#ends = fault ? performance.now() + fault.seconds * 1_000 : 0;
  }

  #knows(authorization: string | undefined): boolean {
    const [, token = ""] = /^Bearer (\S+)$/i.exec(authorization ?? "") ?? [];
    return timingSafeEqual(digestOf(token), this.#digest);
  }
}

const digestOf = (token: string) => createHash("sha256").update(token).digest();

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  try {
    return JSON.parse(await text(request));
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}
