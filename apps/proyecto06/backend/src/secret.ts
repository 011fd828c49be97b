import { createLogger, createSecret, runMain } from "@slipway/kit";
import { secretValues } from "./secret-values.ts";

const logger = createLogger({ LOG_LEVEL: "info", HOSTNAME: "proyecto06-secret", SERVICE_VERSION: "" });

await runMain(logger, async () => {
  const outcome = await createSecret("proyecto06", secretValues());
  logger.info({ outcome }, "secret");
});
