import { randomBytes } from "node:crypto";
import { createLogger, createSecret, runMain } from "@slipway/kit";

/** The passwords of the database and the cache: made here, once, and known to nobody outside the cluster. */
const logger = createLogger({ LOG_LEVEL: "info", HOSTNAME: "visits-secret", SERVICE_VERSION: "" });
const password = () => randomBytes(24).toString("base64url");

await runMain(logger, async () => {
  const cache = password();
  const outcome = await createSecret("visits", {
    "database-password": password(),
    "cache-password": cache,
    // Redis reads its users from a file, so that the password is in no process list.
    "users.acl": `user default on >${cache} ~visits:* &* +@all -@dangerous +info\n`,
  });
  logger.info({ outcome }, "secret");
});
