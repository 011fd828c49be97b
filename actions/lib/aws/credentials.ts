import { getIDToken } from "@actions/core";
import { untilRoleIsKnown } from "./fresh-role.ts";
import { setSecret } from "../core/runner-log.ts";
import { type FailureDetails, messageOf, SlipwayError } from "../core/errors.ts";

/** Temporary or long-lived AWS credentials, in the shape that the AWS SDK reads. */
export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  /** When they end; absent for long-lived ones. */
  expiration?: Date;
}

/**
 * Gives credentials that are valid for at least ten more minutes; fits the `credentials` option of every AWS client.
 * `forceRefresh` fetches new ones, for a child process that keeps what it was started with.
 */
export type AwsCredentialProvider = (options?: { forceRefresh?: boolean }) => Promise<AwsCredentials>;

/** Whose credentials are wanted, where, and under which name CloudTrail shows them. */
export interface CredentialOptions {
  /** The ARN of the role to take on; used only where GitHub Actions hands out OIDC tokens. */
  role?: string | undefined;
  region: string;
  /** The role session's name, see `sessionName`. */
  sessionName: string;
  /** How long a session lasts, see `sessionSeconds`; an hour when left out. */
  seconds?: number;
  /** Milliseconds in which a refused role is asked for again, see `untilRoleIsKnown`. */
  patience?: number;
  /** Where the settings of GitHub Actions are read; the process's environment when left out. */
  env?: NodeJS.ProcessEnv;
}

/** What the OIDC provider made by terraform/bootstrap accepts as the token's `aud`. */
const audience = "sts.amazonaws.com";

/** New credentials are fetched this long before the old ones end. The AWS SDK asks again five minutes before. */
const refreshMargin = 10 * 60_000;

/**
 * Credentials for AWS: with a role and an OIDC token of GitHub Actions, the token is exchanged at STS by this process;
 * otherwise the SDK's default chain (environment, profile, SSO, instance) serves. Nothing is asked before the first use.
 *
 * @throws SlipwayError when a role is wanted in a GitHub job that may not ask for tokens; on use, when STS refuses
 */
export function awsCredentials(options: CredentialOptions): AwsCredentialProvider {
  const env = options.env ?? process.env;
  const { role, region } = options;
  if (role !== undefined && env.ACTIONS_ID_TOKEN_REQUEST_URL) return renewed(() => exchangeToken(role, options));
  if (role !== undefined && env.GITHUB_ACTIONS === "true")
    throw new SlipwayError(`This job cannot take on ${role}: GitHub gives it no OIDC token.`, {
      next: 'Give the job "permissions: { contents: read, id-token: write }". Runs from forks never get a token.',
      reason: "no-oidc-token",
    });
  let chain: Promise<AwsCredentialProvider> | undefined;
  return async (request) => {
    chain ??= import("@aws-sdk/credential-providers").then((providers) =>
      providers.fromNodeProviderChain({ clientConfig: { region } }),
    );
    try {
      return await (
        await chain
      )(request);
    } catch (error) {
      throw new SlipwayError(`No AWS credentials were found: ${messageOf(error)}`, {
        next: 'Sign in first, for example with "aws sso login", or set AWS_PROFILE.',
        reason: "no-credentials",
        cause: error,
      });
    }
  };
}

/** Keeps what `fetch` gave until shortly before it ends, and lets callers at the same time share one fetch. */
export function renewed(fetch: () => Promise<AwsCredentials>): AwsCredentialProvider {
  let held: AwsCredentials | undefined;
  let pending: Promise<AwsCredentials> | undefined;
  return (options = {}) => {
    const usable = held && (!held.expiration || held.expiration.getTime() - Date.now() > refreshMargin);
    if (held && usable && !options.forceRefresh) return Promise.resolve(held);
    pending ??= fetch()
      .then((credentials) => {
        held = credentials;
        return credentials;
      })
      .finally(() => {
        pending = undefined;
      });
    return pending;
  };
}

async function exchangeToken(
  role: string,
  { region, sessionName, seconds, patience }: CredentialOptions,
): Promise<AwsCredentials> {
  const sts = import("@aws-sdk/client-sts");
  const token = await getIDToken(audience).catch((cause: unknown) => {
    throw new SlipwayError(`GitHub gave no OIDC token: ${messageOf(cause).replace(/\s+/g, " ")}.`, {
      next: "Run the job again; if it stays, see githubstatus.com.",
      reason: "no-oidc-token",
      cause,
    });
  });
  const { STSClient, AssumeRoleWithWebIdentityCommand } = await sts;
  const client = new STSClient({ region, maxAttempts: 5 });
  try {
    const command = new AssumeRoleWithWebIdentityCommand({
      RoleArn: role,
      RoleSessionName: sessionName,
      WebIdentityToken: token,
      ...(seconds !== undefined && { DurationSeconds: seconds }),
    });
    const { Credentials: found } = await untilRoleIsKnown(() => client.send(command), { patience });
    if (!found?.AccessKeyId || !found.SecretAccessKey || !found.SessionToken)
      throw new SlipwayError(`STS answered without credentials for ${role}.`, { next: "Run the job again." });
    mask(found.SecretAccessKey);
    mask(found.SessionToken);
    return {
      accessKeyId: found.AccessKeyId,
      secretAccessKey: found.SecretAccessKey,
      sessionToken: found.SessionToken,
      ...(found.Expiration ? { expiration: found.Expiration } : {}),
    };
  } catch (error) {
    throw error instanceof SlipwayError ? error : refusedExchange(role, token, error);
  } finally {
    client.destroy();
  }
}

/** Says which `sub` and `aud` the refused token carried; the rest of the token stays unread. */
export function refusedExchange(role: string, token: string, error: unknown): SlipwayError {
  const { sub, aud } = tokenClaims(token);
  const name = error instanceof Error ? error.name : "";
  const ids = /^repo:[^/@:]+@(\d+)\/[^/@:]+@(\d+):/.exec(sub);
  const next = /AccessDenied/.test(name)
    ? (ids
        ? `Where slipway.yaml lacks them, write "ids: { owner: ${ids[1]}, repository: ${ids[2]} }" under "git" and run ./slipway bootstrap again. `
        : "") +
      "The role's trust policy must name exactly this sub; terraform/bootstrap writes it from the repository, branch and environments."
    : /InvalidIdentityToken|IDPRejectedClaim/.test(name)
      ? "The account needs GitHub's OIDC provider with this aud; terraform/bootstrap makes it."
      : /ValidationError/.test(name) && /DurationSeconds/.test(messageOf(error))
        ? "The role gives shorter sessions than this stage needs: apply terraform/bootstrap again, with ./slipway bootstrap."
        : "Run the job again.";
  return new SlipwayError(
    `STS did not let this job take on ${role} (${name || "error"}: ${messageOf(error)}). The token's sub is "${sub}", its aud "${aud}".`,
    { next, reason: "role-refused", cause: error },
  );
}

/** The two claims of a JWT that trust policies compare; "unreadable" when the token is not a JWT. */
export function tokenClaims(token: string): { sub: string; aud: string } {
  try {
    const payload = Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8");
    const claims = JSON.parse(payload) as { sub?: unknown; aud?: unknown };
    return { sub: String(claims.sub), aud: String(claims.aud) };
  } catch {
    return { sub: "unreadable", aud: "unreadable" };
  }
}

/** Hides a value in the log of GitHub Actions; elsewhere nothing is printed, as the command itself would show it. */
export function mask(secret: string, env: NodeJS.ProcessEnv = process.env): void {
  if (env.GITHUB_ACTIONS === "true") setSecret(secret);
}

/** The ARN of a role of the account. */
export function roleArn(account: string, name: string): string {
  return `arn:aws:iam::${account}:role/${name}`;
}

/**
 * A role session's name that leads from CloudTrail to the run: `build-deliver-123456789-1`, or `build-local`.
 *
 * @param stage what is done, such as `plan` or `build`
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html for its alphabet and length
 */
export function sessionName(stage: string, env: NodeJS.ProcessEnv = process.env): string {
  const run = env.GITHUB_RUN_ID ? `${env.GITHUB_RUN_ID}-${env.GITHUB_RUN_ATTEMPT ?? "1"}` : "local";
  const workflow = (env.GITHUB_WORKFLOW ?? "").slice(0, Math.max(0, 64 - stage.length - run.length - 2));
  return [stage, workflow, run]
    .filter(Boolean)
    .join("-")
    .replace(/[^\w+=,.@-]+/g, "-")
    .slice(0, 64);
}

/** Variables that carry a token or say where else credentials may be found. */
const withheld = [
  /^ACTIONS_/,
  /^INPUT_/,
  /^(GITHUB|GH)_TOKEN$/,
  /^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|SECURITY_TOKEN)$/,
  /^AWS_((DEFAULT_)?PROFILE|ROLE_ARN|ROLE_SESSION_NAME|WEB_IDENTITY_TOKEN_FILE)$/,
  /^AWS_CONTAINER_/,
];

/** The environment for a child that needs no credentials: the parent's, without any token, input or AWS identity. */
export function plainEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !withheld.some((pattern) => pattern.test(name))));
}

/**
 * The environment for a child that calls AWS itself, such as Terraform: `plainEnvironment` and the credentials.
 * They are fetched again, since a child cannot renew them: they end with the session, see `CredentialOptions.seconds`.
 */
export async function childEnvironment(
  credentials: AwsCredentialProvider,
  region: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<NodeJS.ProcessEnv> {
  const found = await credentials({ forceRefresh: true });
  mask(found.secretAccessKey, env);
  if (found.sessionToken) mask(found.sessionToken, env);
  return {
    ...plainEnvironment(env),
    AWS_ACCESS_KEY_ID: found.accessKeyId,
    AWS_SECRET_ACCESS_KEY: found.secretAccessKey,
    ...(found.sessionToken ? { AWS_SESSION_TOKEN: found.sessionToken } : {}),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
  };
}

/**
 * An AWS client's error as a line for a person.
 *
 * @param doing what was tried, as in `Looking for images in ECR`
 */
export function awsFailure(doing: string, error: unknown): SlipwayError {
  if (error instanceof SlipwayError) return error;
  const name = error instanceof Error ? error.name : "Error";
  const details: FailureDetails = /AccessDenied|UnauthorizedOperation|NotAuthorized/.test(name)
    ? {
        next: "The role lacks this permission; terraform/bootstrap says what each role may do.",
        reason: "access-denied",
      }
    : /ExpiredToken|RequestExpired/.test(name)
      ? { next: "The credentials ended: run the job again, or sign in again.", reason: "expired-credentials" }
      : /UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch/.test(name)
        ? {
            next: "AWS does not know these credentials: sign in again, and look at the machine's clock.",
            reason: "no-credentials",
          }
        : /Throttl|TooManyRequests|LimitExceeded/.test(name)
          ? { next: "AWS went on throttling through every retry: run the job again later.", reason: "throttled" }
          : { next: "Run the job again; if it stays, see health.aws.amazon.com.", reason: "aws-error" };
  const text = messageOf(error).replace(/\.?\s*$/, ".");
  return new SlipwayError(`${doing} failed (${name}): ${text}`, { ...details, cause: error });
}

/** Whose credentials they are. */
export interface CallerIdentity {
  account: string;
  /** Of the user, or of the session of a role. */
  arn: string;
}

/** Asks AWS whose credentials these are. @throws SlipwayError when there are none, or AWS does not take them */
export async function callerIdentity(region: string, credentials: AwsCredentialProvider): Promise<CallerIdentity> {
  const { GetCallerIdentityCommand, STSClient } = await import("@aws-sdk/client-sts");
  const client = new STSClient({ region, credentials, maxAttempts: 5 });
  try {
    const { Account: account = "?", Arn: arn = "" } = await client.send(new GetCallerIdentityCommand({}));
    return { account, arn };
  } catch (error) {
    throw awsFailure("Asking AWS whose credentials these are", error);
  } finally {
    client.destroy();
  }
}

/**
 * Asks whose credentials these are.
 *
 * @param aws the account and the region of slipway.yaml
 * @throws SlipwayError when there are none, or they are another account's
 */
export async function refuseOtherAccount(
  aws: { account: string; region: string },
  credentials: AwsCredentialProvider,
): Promise<void> {
  const { account } = await callerIdentity(aws.region, credentials);
  if (account === aws.account) return;
  throw new SlipwayError(`These credentials are for AWS account ${account}; slipway.yaml says ${aws.account}.`, {
    next: "Sign in to the right account, or correct aws.account in slipway.yaml.",
    reason: "wrong-account",
  });
}
