import { createLogger, createSecret, runMain } from "@slipway/kit";
import { secretValues } from "./secret-values.ts";

const logger = createLogger({ LOG_LEVEL: "info", HOSTNAME: "APP-secret", SERVICE_VERSION: "" });

await runMain(logger, async () => {
  const outcome = await createSecret("APP", secretValues());
  logger.info({ outcome }, "secret");
});
