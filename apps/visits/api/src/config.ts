import { databaseVariables, port, readEnv, serviceVariables } from "@slipway/kit";
import { z } from "zod";

/** What the service reads from its environment. */
export const readConfig = (environment?: NodeJS.ProcessEnv) =>
  readEnv(
    {
      ...serviceVariables,
      ...databaseVariables,
      REDIS_HOST: z.string().min(1),
      REDIS_PORT: port().default(6379),
      /** Absent where Redis asks for none. */
      REDIS_PASSWORD: z.string().min(1).optional(),
    },
    environment,
  );

/** The service's configuration. */
export type AppConfig = ReturnType<typeof readConfig>;
