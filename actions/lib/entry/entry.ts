import { type AwsCredentialProvider, awsCredentials, roleArn, sessionName } from "../aws/credentials.ts";
import { type Config, environmentOf, readConfig } from "../config/config.ts";
import { optionalInput, requiredInput } from "../core/inputs.ts";
import type { RegistryOptions } from "../images/registry.ts";

/** The roles of terraform/bootstrap that actions take on: one reads, one delivers, and one of each environment applies. */
export type ActionRole = "plan" | "deploy" | "apply";

/** What an action needs to begin. */
export interface EntryOptions {
  role: ActionRole;
  /** What the session is called in CloudTrail, such as `release`. */
  session: string;
  /** How long a session lasts, see `sessionSeconds`; an hour when left out. */
  seconds?: number;
  /** Whether the environment must be named; otherwise it is the one that is delivered to. */
  named?: boolean;
}

/** What every action begins with: the configuration, the environment, and who it is in AWS. */
export interface Entry {
  config: Config;
  environment: string;
  /** The folder of the checkout. */
  repository: string;
  credentials: AwsCredentialProvider;
  /** For `openRegistry`: the account's registry, as this role. */
  place: RegistryOptions;
}

/**
 * Reads the inputs `config` and `environment`, and prepares the role's credentials; nothing is asked of AWS yet.
 *
 * @throws SlipwayError when an input or the configuration is wrong, when slipway.yaml has no such environment, or with
 * reason `no-oidc-token` in a job that may not ask for tokens
 */
export async function openEntry({ role, session, seconds, named = false }: EntryOptions): Promise<Entry> {
  const asked = named ? requiredInput("environment") : optionalInput("environment");
  const config = await readConfig(optionalInput("config") ?? "slipway.yaml");
  const environment = asked ?? config.deliver;
  environmentOf(config, environment);
  const { account, region } = config.aws;
  const name = role === "apply" ? `${config.project}-apply-${environment}` : `${config.project}-${role}`;
  const credentials = awsCredentials({
    role: roleArn(account, name),
    region,
    sessionName: sessionName(session),
    ...(seconds !== undefined && { seconds }),
  });
  const place = { account, region, project: config.project, credentials };
  return { config, environment, repository: process.cwd(), credentials, place };
}
