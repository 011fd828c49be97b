import { createLogger, runMain, runService } from "@slipway/kit";
import { createApi } from "./api.ts";
import { readConfig } from "./config.ts";
import { createAppContext } from "./context.ts";

const logger = createLogger({ LOG_LEVEL: "info", HOSTNAME: "APP-api", SERVICE_VERSION: "" });

await runMain(logger, async () => {
  const context = createAppContext(readConfig());
  await runService({ ...context, api: createApi(context) });
});
