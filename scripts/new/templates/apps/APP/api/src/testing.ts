import {
  // if database
  createLogger,
  migrate,
  // end
  startService,
} from "@slipway/kit";
import { createApi } from "./api.ts";
import { type AppConfig, readConfig } from "./config.ts";
import { createAppContext } from "./context.ts";

/** The service inside a test. */
export interface Replica extends AsyncDisposable {
  /** Asks it for a path. */
  ask(path: string, init?: RequestInit): Promise<{ status: number; body: unknown }>;
}

/** A configuration on free ports, quiet and without patience; nothing answers where it does not say more. */
export function testConfig(environment: NodeJS.ProcessEnv = {}): AppConfig {
  return readConfig({
    PORT: "0",
    METRICS_PORT: "0",
    LOG_LEVEL: "silent",
    SHUTDOWN_DELAY_MS: "0",
    HOSTNAME: "pod-1",
    // if database
    DATABASE_HOST: "127.0.0.1",
    DATABASE_PORT: "1",
    DATABASE_NAME: "test",
    DATABASE_USER: "test",
    DATABASE_PASSWORD: "test",
    // end
    // if cache
    REDIS_HOST: "127.0.0.1",
    REDIS_PORT: "1",
    // end
    ...environment,
  });
}

// if database
/** Brings a test's database to the newest schema. */
export function migrateForTest(config: AppConfig): Promise<void> {
  return migrate({ config, logger: createLogger(config), folder: `${import.meta.dirname}/../drizzle` });
}
// end

/** Starts the service in this process. */
export async function startReplica(config: AppConfig = testConfig()): Promise<Replica> {
  const context = createAppContext(config);
  const service = await startService({ ...context, api: createApi(context) });
  return {
    async ask(path, init) {
      const response = await fetch(`http://127.0.0.1:${service.port}${path}`, init);
      return { status: response.status, body: await response.json() };
    },
    async [Symbol.asyncDispose]() {
      await service.stop();
      // if database
      await context.end();
      // end
    },
  };
}
