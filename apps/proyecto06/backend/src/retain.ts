import { runCommand } from "./command.ts";
import { retentionVariables } from "./config.ts";
import { retain } from "./retention.ts";

await runCommand("proyecto06-retention", retentionVariables, async ({ pool, logger, config }) => {
  logger.info({ ...(await retain(pool, config.RETENTION_DAYS)), days: config.RETENTION_DAYS }, "forgotten");
});
