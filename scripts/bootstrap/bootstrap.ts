import { join } from "node:path";
import { type AwsCredentialProvider, refuseOtherAccount } from "../../actions/lib/aws/credentials.ts";
import type { Config } from "../../actions/lib/config/config.ts";
import { zoneOf } from "../../actions/lib/config/names.ts";
import { scanOnPush } from "../../actions/lib/images/scanning.ts";
import { ensureTerraform } from "../../actions/lib/terraform/run/install.ts";
import { notTerraforms } from "../../actions/lib/terraform/plan/json.ts";
import { type StateLocation, stateBucket } from "../../actions/lib/terraform/root.ts";
import { openSession } from "../../actions/lib/terraform/session.ts";
import { withStateLock } from "../../actions/lib/terraform/state/lock.ts";
import { openStateStore } from "../../actions/lib/terraform/state/store.ts";
import type { TerraformVariables } from "../../actions/lib/terraform/variables.ts";
import { bucketExists, makeBucket } from "./bucket.ts";

/** The bucket in terraform/bootstrap. */
export const stateBucketAddress = "aws_s3_bucket.state";

/** What a bootstrap works on, and how it talks to the person who runs it. */
export interface BootstrapOptions {
  /** The repository's root folder. */
  repository: string;
  config: Config;
  /** An administrator's credentials. */
  credentials: AwsCredentialProvider;
  /** Asks before anything is made. @param question what would be made */
  confirm: (question: string) => Promise<boolean>;
  log: (line: string) => void;
}

/** What a bootstrap found or made. */
export interface BootstrapResult {
  /** `declined` when the person said no to the changes; the empty state bucket may be there then. */
  result: "applied" | "unchanged" | "declined";
  stateBucket: string;
}

/** The values of terraform/bootstrap's variables for this project. */
export function bootstrapVariables({ project, aws, git, environments }: Config): TerraformVariables {
  return {
    project,
    region: aws.region,
    account: aws.account,
    repository: git.repository,
    branch: git.branch,
    ...(git.ids
      ? { repository_ids: { owner_id: String(git.ids.owner), repository_id: String(git.ids.repository) } }
      : {}),
    environments: Object.keys(environments).sort(),
    ...domainsOf(environments),
    existing_oidc_provider: aws.oidcProvider === "existing",
  };
}

/** The names that environments give out; nothing where none has a domain. */
function domainsOf(environments: Config["environments"]): TerraformVariables {
  const named = Object.entries(environments).filter(([, { domain }]) => domain !== undefined);
  if (named.length === 0) return {};
  const all = (pick: (each: Config["environments"][string]) => string | undefined) =>
    Object.fromEntries(named.map(([name, environment]) => [name, pick(environment) ?? ""]));
  return { domains: all(({ domain }) => domain), zones: all(zoneOf) };
}

/** Where the state of terraform/bootstrap is kept: in the bucket that it makes. */
export function bootstrapLocation({ project, aws: { account, region } }: Config): StateLocation {
  return { bucket: stateBucket({ project, account, region }), key: "bootstrap/terraform.tfstate", region };
}

/**
 * Prepares an AWS account for the pipeline: makes the bucket that holds Terraform's state, then applies
 * terraform/bootstrap, whose own state is in that bucket too, and has ECR scan what is pushed. Running it again goes on from what is there.
 *
 * @throws SlipwayError when the credentials are another account's, or when AWS or Terraform refuse
 */
export async function bootstrap(options: BootstrapOptions): Promise<BootstrapResult> {
  const { config, credentials, log } = options;
  const { account } = config.aws;
  const location = bootstrapLocation(config);
  await refuseOtherAccount(config.aws, credentials);
  // The state of the root that manages the bucket is kept in the bucket: so it is made first, and adopted then.
  if (!(await ensureBucket(location.bucket, options))) return { result: "declined", stateBucket: location.bucket };
  await scanOnPush(options);

  const store = openStateStore({ ...location, credentials });
  return withStateLock(store, location, "apply", async () => {
    const program = await ensureTerraform({ log });
    await using session = await openSession({
      program,
      folder: join(options.repository, "terraform", "bootstrap"),
      location,
      credentials,
      variables: bootstrapVariables(config),
      log,
    });
    await session.init();
    await session.adopt(stateBucketAddress, location.bucket);
    const { changes, pending } = await session.plan();
    // An import that failed with exit code 0 would have the bucket made a second time.
    if (pending.includes(`${stateBucketAddress}: create`))
      throw notTerraforms(`"${program} import" ended with exit code 0, but did not import ${stateBucketAddress}.`);
    if (!changes) return { result: "unchanged", stateBucket: location.bucket };
    log(await session.planText());
    if (!(await options.confirm(`Apply this to account ${account}?`)))
      return { result: "declined", stateBucket: location.bucket };
    const { failure } = await session.apply();
    if (failure) throw failure;
    return { result: "applied", stateBucket: location.bucket };
  });
}

/** Makes the bucket where there is none. @returns whether it is there now */
async function ensureBucket(bucket: string, { config, credentials, confirm, log }: BootstrapOptions): Promise<boolean> {
  if (await bucketExists(bucket, config.aws, credentials)) return true;
  if (!(await confirm(`Make the bucket ${bucket} for Terraform's state?`))) return false;
  await makeBucket(bucket, config.aws.region, credentials);
  log(`Made the bucket ${bucket}.`);
  return true;
}
