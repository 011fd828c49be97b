import { join } from "node:path";
import { type AwsCredentialProvider, awsFailure, refuseOtherAccount } from "../actions/lib/aws.ts";
import type { Config } from "../actions/lib/config.ts";
import { zoneOf } from "../actions/lib/core/names.ts";
import { scanOnPush } from "../actions/lib/images/scanning.ts";
import { ensureTerraform } from "../actions/lib/terraform/install.ts";
import { notTerraforms } from "../actions/lib/terraform/plan/json.ts";
import { openSession } from "../actions/lib/terraform/session.ts";
import { withStateLock } from "../actions/lib/terraform/state-lock.ts";
import { openStateStore } from "../actions/lib/terraform/state-store.ts";
import type { TerraformVariables } from "../actions/lib/terraform/variables.ts";

/** The bucket in terraform/bootstrap. */
const stateBucketAddress = "aws_s3_bucket.state";

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
    ...{ project, region: aws.region, account: aws.account, repository: git.repository, branch: git.branch },
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

/**
 * Prepares an AWS account for the pipeline: makes the bucket that holds Terraform's state, then applies
 * terraform/bootstrap, whose own state is in that bucket too, and has ECR scan what is pushed. Running it again goes on from what is there.
 *
 * @throws SlipwayError when the credentials are another account's, or when AWS or Terraform refuse
 */
export async function bootstrap(options: BootstrapOptions): Promise<BootstrapResult> {
  const { config, credentials, log } = options;
  const { account, region } = config.aws;
  const location = {
    bucket: `${config.project}-state-${account}-${region}`,
    key: "bootstrap/terraform.tfstate",
    region,
  };
  await refuseOtherAccount(config.aws, credentials);
  // The state of the root that manages the bucket is kept in the bucket: so it is made first, and adopted then.
  if (!(await ensureBucket(location.bucket, region, account, options)))
    return { result: "declined", stateBucket: location.bucket };
  await scanOnPush(options);

  const store = openStateStore({ ...location, credentials });
  return withStateLock(store, location, "apply", async () => {
    const program = await ensureTerraform({ log });
    await using session = await openSession({
      ...{ program, folder: join(options.repository, "terraform", "bootstrap") },
      ...{ location, credentials, variables: bootstrapVariables(config), log },
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
async function ensureBucket(
  bucket: string,
  region: string,
  account: string,
  { credentials, confirm, log }: BootstrapOptions,
): Promise<boolean> {
  const { CreateBucketCommand, HeadBucketCommand, S3Client } = await import("@aws-sdk/client-s3");
  const client = new S3Client({ region, credentials });
  try {
    // With the owner named, a bucket of that name in somebody else's account is refused and not written to.
    await client.send(new HeadBucketCommand({ Bucket: bucket, ExpectedBucketOwner: account }));
    return true;
  } catch (error) {
    if (!(error instanceof Error && ["NotFound", "NoSuchBucket"].includes(error.name)))
      throw awsFailure(`Looking for the bucket ${bucket}`, error);
  }
  if (!(await confirm(`Make the bucket ${bucket} for Terraform's state?`))) return false;
  // us-east-1 is the one region that must not be named: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
  const elsewhere = { CreateBucketConfiguration: { LocationConstraint: region as "eu-west-1" } };
  const input = { Bucket: bucket, ...(region === "us-east-1" ? {} : elsewhere) };
  await client.send(new CreateBucketCommand(input)).catch((error: unknown) => {
    throw awsFailure(`Making the bucket ${bucket}`, error);
  });
  log(`Made the bucket ${bucket}.`);
  return true;
}
