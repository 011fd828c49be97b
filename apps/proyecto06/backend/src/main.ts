import { createLogger, runMain, runService } from "@slipway/kit";
import { readConfig } from "./config.ts";
import { createAppContext, offerFirstLink } from "./context.ts";
import { createApi } from "./api.ts";

const logger = createLogger({ LOG_LEVEL: "info", HOSTNAME: "proyecto06-backend", SERVICE_VERSION: "" });

await runMain(logger, async () => {
  const context = createAppContext(readConfig());
  await offerFirstLink(context);
  await runService({ ...context, api: createApi(context) });
});
