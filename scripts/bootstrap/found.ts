import { type AwsCredentialProvider, type CallerIdentity } from "../../actions/lib/aws/credentials.ts";
import { messageOf, SlipwayError } from "../../actions/lib/core/errors.ts";
import { gitText } from "../../actions/lib/git/git.ts";

/** `owner/name` of a repository on GitHub, from any address that git takes; undefined for an address elsewhere. */
export function repositoryOf(address: string): string | undefined {
  const found =
    /^(?:(?:https?|ssh|git):\/\/(?:[^/@]*@)?|[^/@:]+@)github\.com(?::\d+)?[/:]([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/i.exec(
      address,
    );
  return found?.[1];
}

/** The repository that a clone was made of; undefined where its `origin` is not on GitHub. */
export async function remoteRepository(directory: string): Promise<string | undefined> {
  const address = await gitText(directory, ["remote", "get-url", "origin"]).catch(() => "");
  return repositoryOf(address);
}

/** The person's e-mail address as git has it; not one at which GitHub takes no mail. */
export async function personalEmail(directory: string): Promise<string | undefined> {
  const email = await gitText(directory, ["config", "user.email"]).catch(() => "");
  return email === "" || /noreply/.test(email) ? undefined : email;
}

/** The region of the person's AWS profile or environment; undefined where they name none. */
export async function usualRegion(): Promise<string | undefined> {
  if (process.env.AWS_DEFAULT_REGION && !process.env.AWS_REGION) return process.env.AWS_DEFAULT_REGION;
  const { STSClient } = await import("@aws-sdk/client-sts");
  const client = new STSClient();
  try {
    return await client.config.region();
  } catch {
    return undefined;
  } finally {
    client.destroy();
  }
}

/**
 * The ARN, path included, of the IAM role or user whose credentials these are; undefined for the root user, to whom EKS
 * gives no access, and where IAM does not show the role.
 */
export async function personalRole(
  { arn }: CallerIdentity,
  credentials: AwsCredentialProvider,
): Promise<string | undefined> {
  if (/^arn:aws:iam::\d{12}:user\//.test(arn)) return arn;
  const role = /^arn:aws:sts::\d{12}:assumed-role\/([^/]+)/.exec(arn)?.[1];
  if (role === undefined) return undefined;
  const { GetRoleCommand, IAMClient } = await import("@aws-sdk/client-iam");
  // IAM has one endpoint for all regions of a partition.
  const client = new IAMClient({ region: "us-east-1", credentials, maxAttempts: 5 });
  try {
    return (await client.send(new GetRoleCommand({ RoleName: role }))).Role?.Arn;
  } catch {
    return undefined;
  } finally {
    client.destroy();
  }
}

/** A repository as GitHub knows it. */
export interface KnownRepository {
  /** As GitHub writes it: tokens carry it in exactly these letters. */
  name: string;
  ids: { owner: number; repository: number };
  private: boolean;
}

/**
 * Asks GitHub for a repository.
 *
 * @param token a person's; a public repository needs none
 * @throws SlipwayError where GitHub does not show it
 */
export async function lookUpRepository(name: string, token: string | undefined): Promise<KnownRepository> {
  const base = process.env.GITHUB_API_URL || "https://api.github.com";
  try {
    const answer = await fetch(`${base}/repos/${name}`, {
      headers: { accept: "application/vnd.github+json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
      signal: AbortSignal.timeout(15_000),
    });
    if (!answer.ok) throw new Error(`GitHub answered ${answer.status}`);
    const found = (await answer.json()) as { full_name: string; id: number; private: boolean; owner: { id: number } };
    return { name: found.full_name, ids: { owner: found.owner.id, repository: found.id }, private: found.private };
  } catch (cause) {
    throw new SlipwayError(`GitHub does not show ${name} (${messageOf(cause)}).`, {
      next: 'Sign in with "gh auth login", or set GITHUB_TOKEN: without, only public repositories are seen.',
      cause,
    });
  }
}
