import { messageOf, SlipwayError } from "../../actions/lib/errors.ts";
import type { Octokit } from "../../actions/lib/github-client.ts";
import { run } from "../../actions/lib/process.ts";

/** Which branches and tags may use an environment: all, those that are protected, or those of a list of patterns. */
export type AllowedBranches = "all" | "protected" | readonly { name: string; type: string }[];

/** An environment on GitHub. */
export interface EnvironmentSettings {
  allowed: AllowedBranches;
  /** Whether somebody must approve each use. */
  reviewed: boolean;
}

/** The settings of the repository on GitHub, as far as checks ask for them. Each throws SlipwayError where GitHub refuses. */
export interface GitHubSettings {
  /** Undefined where there is none of this name. */
  environment(name: string): Promise<EnvironmentSettings | undefined>;
  /** Whether a branch is protected, by a protection rule or by a ruleset; undefined where there is none of this name. */
  branch(name: string): Promise<{ protected: boolean } | undefined>;
}

/**
 * A person's or a job's token for GitHub: GITHUB_TOKEN, GH_TOKEN, or what GitHub's own command line tool holds.
 *
 * @returns undefined where there is none
 */
export async function findToken(environment: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  const given = environment.GITHUB_TOKEN || environment.GH_TOKEN;
  if (given) return given;
  const asked = await run("gh", ["auth", "token"], { env: environment, okCodes: [0, 1, 4] }).catch(() => undefined);
  return asked?.stdout.trim() || undefined;
}

/** An environment as GitHub's list has it. */
type Environment = NonNullable<
  Awaited<ReturnType<Octokit["rest"]["repos"]["getAllEnvironments"]>>["data"]["environments"]
>[number];

/**
 * Opens the settings of a repository. Nothing is asked before a check asks.
 *
 * @param repository `owner/name`
 * @param token undefined makes every question fail with a message that says how to give one
 */
export function openSettings(repository: string, token: string | undefined): GitHubSettings {
  const [owner = "", repo = ""] = repository.split("/");
  const at = { owner, repo };
  const octokit = async (): Promise<Octokit> => {
    if (!token)
      throw new SlipwayError("There is no token for GitHub.", {
        next: 'Run "gh auth login", or set GITHUB_TOKEN to a token that may read the repository\'s settings.',
      });
    const { getOctokit } = await import("@actions/github");
    return getOctokit(token, { baseUrl: process.env.GITHUB_API_URL || "https://api.github.com" });
  };
  // A repository that a token may not see answers like a setting that is not there.
  let seen: Promise<Octokit> | undefined;
  const open = () =>
    (seen ??= octokit().then(async (client) => {
      await asked(`The repository ${repository}`, () => client.rest.repos.get(at));
      return client;
    }));
  const listEnvironments = ({ rest, paginate }: Octokit) =>
    asked("The list of environments", async () => {
      const pages = await paginate(rest.repos.getAllEnvironments, { ...at, per_page: 100 });
      // The pages are put together to one list, which the types of this one operation do not say.
      return pages as unknown as Environment[];
    });
  let all: Promise<Environment[]> | undefined;
  return {
    async environment(name) {
      const client = await open();
      const { rest, paginate } = client;
      all ??= listEnvironments(client);
      const found = (await all).find((each) => each.name === name);
      if (!found) return undefined;
      const { deployment_branch_policy: policy, protection_rules: rules = [] } = found;
      const what = { ...at, environment_name: name };
      const listed = async () => {
        const policies = await asked(`The branches of the environment ${name}`, () =>
          paginate(rest.repos.listDeploymentBranchPolicies, { ...what, per_page: 100 }),
        );
        return policies.map((each) => ({ name: each.name ?? "", type: each.type ?? "branch" }));
      };
      return {
        allowed: !policy ? "all" : policy.custom_branch_policies ? await listed() : "protected",
        reviewed: rules.some(({ type }) => type === "required_reviewers"),
      };
    },
    async branch(name) {
      const { rest, paginate } = await open();
      const found = await orMissing(`The branch ${name}`, () => rest.repos.getBranch({ ...at, branch: name }));
      if (!found) return undefined;
      if (found.data.protected) return { protected: true };
      const rules = await asked(`The rules of the branch ${name}`, () =>
        paginate(rest.repos.getBranchRules, { ...at, branch: name, per_page: 100 }),
      );
      return { protected: rules.length > 0 };
    },
  };
}

async function asked<T>(what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new SlipwayError(`${what} could not be read on GitHub: ${messageOf(cause)}`, {
      next: "Use a token that may read the repository's metadata, its environments (actions: read) and its rules.",
      cause,
    });
  }
}

async function orMissing<T>(what: string, ask: () => Promise<T>): Promise<T | undefined> {
  return asked(what, () =>
    ask().catch((error: unknown) => {
      if ((error as { status?: number }).status === 404) return undefined;
      throw error;
    }),
  );
}
