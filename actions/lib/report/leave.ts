import { warning } from "../core/runner-log.ts";
import type { AwsCredentialProvider } from "../aws/credentials.ts";
import type { Config } from "../config/config.ts";
import { messageOf } from "../core/errors.ts";
import { stateLocation } from "../terraform/root.ts";
import { openStateStore } from "../terraform/state/store.ts";
import { type Handed, handOver } from "./handed.ts";

/** Whose run leaves something. */
interface Leaving {
  config: Config;
  environment: string;
  credentials: AwsCredentialProvider;
}

/**
 * Leaves what a stage has made for the report of its run, where there is a console to report to. That it cannot be left is
 * a warning: it fails no delivery.
 */
export async function leaveForReport<Name extends keyof Handed>(
  { config, environment, credentials }: Leaving,
  name: Name,
  value: NonNullable<Handed[Name]>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const { CONSOLE_URL: console, GITHUB_RUN_ID: run } = env;
  if (!console || !run) return;
  const store = openStateStore({ ...stateLocation(config, "environment", environment), credentials });
  await handOver(store, run, name, value).catch((error: unknown) =>
    warning(`The report of this run will lack the ${name}: ${messageOf(error)}`),
  );
}
