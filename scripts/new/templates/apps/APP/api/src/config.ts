import {
  // if database
  databaseVariables,
  // end
  readEnv,
  serviceVariables,
} from "@slipway/kit";
// if cache
import { cacheVariables } from "./count/cache.ts";
// end

/** What the service reads from its environment. */
export const readConfig = (environment?: NodeJS.ProcessEnv) =>
  readEnv(
    {
      ...serviceVariables,
      // if database
      ...databaseVariables,
      // end
      // if cache
      ...cacheVariables,
      // end
    },
    environment,
  );

/** The service's configuration. */
export type AppConfig = ReturnType<typeof readConfig>;
