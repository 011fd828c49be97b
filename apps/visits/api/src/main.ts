import { createLogger, runMain, runService } from "@slipway/kit";
import { readConfig } from "./config.ts";
import { createAppContext } from "./context.ts";
import { createApi } from "./api.ts";

const logger = createLogger({ LOG_LEVEL: "info", HOSTNAME: "visits-api", SERVICE_VERSION: "" });

await runMain(logger, async () => {
  const context = createAppContext(readConfig());
  await runService({ ...context, api: createApi(context) });
});
