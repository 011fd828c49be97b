import { createLogger, migrate, type Service, startService } from "@slipway/kit";
import { type AppConfig, readConfig } from "./config.ts";
import { type AppContext, createAppContext } from "./context.ts";
import { createApi } from "./api.ts";

/** A replica of the service inside a test. */
export interface Replica extends AsyncDisposable {
  context: AppContext;
  service: Service;
  /** Asks it; the answer's JSON body. */
  // The test that asks names the body that it expects, and then looks at it.
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
  get<T = unknown>(
    path: string,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: T; headers: Headers }>;
}

/** The configuration of a replica on free ports, quiet and without patience. */
export function testConfig(environment: NodeJS.ProcessEnv): AppConfig {
  const quiet = { PORT: "0", METRICS_PORT: "0", LOG_LEVEL: "silent", SHUTDOWN_DELAY_MS: "50", REDIS_HOST: "127.0.0.1" };
  return readConfig({ ...quiet, ...environment });
}

/** Brings a test's database to the newest schema. */
export function migrateForTest(config: AppConfig): Promise<void> {
  return migrate({ config, logger: createLogger(config), folder: `${import.meta.dirname}/../drizzle` });
}

/** Starts a replica in this process. */
export async function startReplica(config: AppConfig): Promise<Replica> {
  const context = createAppContext(config);
  const service = await startService({ ...context, api: createApi(context) });
  return {
    context,
    service,
    async get(path, headers = {}) {
      const response = await fetch(`http://127.0.0.1:${service.port}${path}`, { headers });
      return { status: response.status, body: (await response.json()) as never, headers: response.headers };
    },
    async [Symbol.asyncDispose]() {
      await service.stop();
      await context.end();
    },
  };
}
