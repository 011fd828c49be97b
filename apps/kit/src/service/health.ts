import { z } from "zod";
import type { Api } from "../http/api.ts";

/** Looks at one dependency: resolves when it answers, throws when it does not. */
export type Check = () => Promise<unknown>;

/** How readiness is decided. */
export interface HealthOptions {
  /** The pod gets no traffic while one of these fails. */
  required?: Record<string, Check>;
  /** Shown, but a failure keeps the pod in service: the service has a way to go on without them. */
  optional?: Record<string, Check>;
  /** Milliseconds that a check may take; 1000 when left out. */
  timeout?: number;
}

const readiness = z.object({
  status: z.enum(["ready", "not ready", "draining"]),
  checks: z.record(z.string(), z.enum(["up", "down"])),
});

/** What a readiness probe is told. */
export type Readiness = z.output<typeof readiness>;

/** Liveness and readiness of a service. */
export class Health {
  /** Set once, at shutdown: from then on the pod is not ready. */
  draining = false;
  readonly #options: HealthOptions;

  constructor(options: HealthOptions = {}) {
    this.#options = options;
  }

  /** Runs every check side by side, each against its time-out. */
  async read(): Promise<Readiness> {
    if (this.draining) return { status: "draining", checks: {} };
    const { required = {}, optional = {}, timeout = 1_000 } = this.#options;
    const results = await Promise.all(
      Object.entries({ ...required, ...optional }).map(
        async ([name, check]) => [name, (await answers(check, timeout)) ? "up" : "down"] as const,
      ),
    );
    const checks = Object.fromEntries(results);
    const ready = Object.keys(required).every((name) => checks[name] === "up");
    return { status: ready ? "ready" : "not ready", checks };
  }
}

async function answers(check: Check, timeout: number): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const timer = setTimeout(() => late.resolve(false), timeout);
  try {
    return await Promise.race([check().then(() => true), late.promise]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** Adds `/health/live`, `/health/ready` and its alias `/health`. */
export function addHealthRoutes(api: Api, health: Health): void {
  api.get(
    "/health/live",
    { summary: "The process answers", tag: "health", response: z.object({ status: z.literal("live") }) },
    () => ({ status: "live" as const }),
  );
  for (const path of ["/health/ready", "/health"])
    api.get(
      path,
      { summary: "The service can take requests", tag: "health", response: readiness, statuses: { 503: readiness } },
      async ({ response }) => {
        const state = await health.read();
        if (state.status !== "ready") response.statusCode = 503;
        return state;
      },
    );
}
