import { join } from "node:path";
import { type AwsCredentialProvider, awsCredentials, sessionName } from "../../actions/lib/aws/credentials.ts";
import { type Config, environmentOf, readConfig } from "../../actions/lib/config/config.ts";
import { runningWorld } from "../rehearsal/up.ts";
import { worldEnvironment } from "../rehearsal/world/environment.ts";

/** What a command looks at, and with whose eyes. */
export interface EnvironmentTarget {
  config: Config;
  environment: string;
  credentials: AwsCredentialProvider;
  /** The clone of the repository. */
  directory: string;
  /** Whether it is the rehearsal that is up, and no AWS account. */
  rehearsal: boolean;
}

/**
 * Finds what a command is to look at: the rehearsal that is up on this machine, whose environment this process then
 * takes on, else the account of slipway.yaml with the person's own credentials.
 *
 * @param environment one of slipway.yaml's; the one under `deliver` when left out
 * @param command for CloudTrail
 * @throws SlipwayError for an environment that there is not
 */
export async function openTarget(environment: string | undefined, command: string): Promise<EnvironmentTarget> {
  const world = await runningWorld();
  if (world) {
    // Nothing of the person's own accounts and repositories may reach it.
    const environment = worldEnvironment(world.directory, world.environment);
    for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, environment);
  }
  const directory = world?.directory ?? join(import.meta.dirname, "../..");
  const config = await readConfig(join(directory, "slipway.yaml"));
  const name = environment ?? config.deliver;
  environmentOf(config, name);
  const credentials = awsCredentials({ region: config.aws.region, sessionName: sessionName(command) });
  return { config, environment: name, credentials, directory, rehearsal: world !== undefined };
}
