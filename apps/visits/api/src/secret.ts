import { createLogger, createSecret, runMain } from "@slipway/kit";
import { secretValues } from "./secret-values.ts";

const logger = createLogger({ LOG_LEVEL: "info", HOSTNAME: "visits-secret", SERVICE_VERSION: "" });

await runMain(logger, async () => {
  const outcome = await createSecret("visits", secretValues());
  logger.info({ outcome }, "secret");
});
