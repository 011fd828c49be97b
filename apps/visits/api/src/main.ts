import { createLogger, runMain, runService } from "@slipway/kit";
import { readConfig } from "./config.ts";
import { createApi, createContext } from "./context.ts";

const logger = createLogger({ LOG_LEVEL: "info", HOSTNAME: "visits-api", SERVICE_VERSION: "" });

await runMain(logger, async () => {
  const context = createContext(readConfig());
  await runService({ ...context, api: createApi(context) });
});
