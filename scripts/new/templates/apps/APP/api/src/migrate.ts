import { resolve } from "node:path";
import { createLogger, databaseVariables, migrate, readEnv, runMain, serviceVariables } from "@slipway/kit";

const { DATABASE_POOL_SIZE: _, ...connection } = databaseVariables;
const { HOSTNAME, LOG_LEVEL, SERVICE_VERSION } = serviceVariables;
const logger = createLogger({ LOG_LEVEL: "info", HOSTNAME: "APP-migrate", SERVICE_VERSION: "" });

await runMain(logger, async () => {
  const config = readEnv({ ...connection, HOSTNAME, LOG_LEVEL, SERVICE_VERSION });
  // Next to the bundle in the image (dist/), next to the source (src/) while developing.
  await migrate({ config, logger: createLogger(config), folder: resolve(import.meta.dirname, "../drizzle") });
});
