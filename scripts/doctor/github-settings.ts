import { messageOf, SlipwayError } from "../../actions/lib/core/errors.ts";
import type { Octokit } from "../../actions/lib/github/client.ts";
import { run } from "../../actions/lib/core/process.ts";

/** Which branches and tags may use an environment: all, those that are protected, or those of a list of patterns. */
export type AllowedBranches = "all" | "protected" | readonly { name: string; type: string }[];

/** An environment on GitHub. */
export interface EnvironmentSettings {
  allowed: AllowedBranches;
  /** Whether somebody must approve each use. */
  reviewed: boolean;
}

/** The repository itself. */
export interface RepositorySettings {
  /** `owner/name`, as GitHub writes it now: another one where it was renamed or moved. */
  name: string;
  ids: { owner: number; repository: number };
  private: boolean;
  archived: boolean;
}

/** What GitHub Actions may do. */
export interface ActionsSettings {
  enabled: boolean;
  /** Whether runs may use GitHub's own actions, such as checkout. */
  githubOwned: boolean;
}

/** How the `sub` of the repository's tokens is made. */
export interface SubjectSettings {
  /** The claims that somebody chose for it; undefined where it is GitHub's usual. */
  claims?: readonly string[];
  /** Whether it has ids; undefined where GitHub does not say. */
  ids?: boolean;
}

/** A branch. */
export interface BranchSettings {
  /** By a protection rule or by a ruleset. */
  protected: boolean;
  /** The types of the rules that rulesets hold for it, such as `pull_request`. */
  rules: readonly string[];
  /** The checks that must pass before something is merged into it. */
  checks: readonly string[];
}

/** The settings of the repository on GitHub, as far as checks ask for them. Each throws SlipwayError where GitHub refuses. */
export interface GitHubSettings {
  /** Undefined where there is none of this name. */
  environment(name: string): Promise<EnvironmentSettings | undefined>;
  /** Undefined where there is none of this name. */
  branch(name: string): Promise<BranchSettings | undefined>;
  repository(): Promise<RepositorySettings>;
  actions(): Promise<ActionsSettings>;
  /** Whether runs may make pull requests. */
  mayMakePullRequests(): Promise<boolean>;
  subject(): Promise<SubjectSettings>;
  /** The plan of the repository's owner, such as `free`; undefined where GitHub does not show it. */
  plan(): Promise<string | undefined>;
  /** The states of the workflows, such as `active`, by the names of their files. */
  workflows(): Promise<ReadonlyMap<string, string>>;
  variables(): Promise<ReadonlyMap<string, string>>;
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
type GitHubEnvironment = NonNullable<
  Awaited<ReturnType<Octokit["rest"]["repos"]["getAllEnvironments"]>>["data"]["environments"]
>[number];

/** A repository as GitHub has it. */
type GitHubRepository = Awaited<ReturnType<Octokit["rest"]["repos"]["get"]>>["data"];

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
  let seen: Promise<{ client: Octokit; found: GitHubRepository }> | undefined;
  const look = () =>
    (seen ??= octokit().then(async (client) => {
      const { data: found } = await asked(`The repository ${repository}`, () => client.rest.repos.get(at));
      return { client, found };
    }));
  const open = async () => (await look()).client;
  const listEnvironments = ({ rest, paginate }: Octokit) =>
    asked("The list of environments", async () => {
      const pages = await paginate(rest.repos.getAllEnvironments, { ...at, per_page: 100 });
      // The pages are put together to one list, which the types of this one operation do not say.
      return pages as unknown as GitHubEnvironment[];
    });
  let all: Promise<GitHubEnvironment[]> | undefined;
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
      const rules = await asked(`The rules of the branch ${name}`, () =>
        paginate(rest.repos.getBranchRules, { ...at, branch: name, per_page: 100 }),
      );
      const required = rules.flatMap((rule) => {
        const { required_status_checks: list = [] } = (rule.type === "required_status_checks" && rule.parameters) || {};
        return list.map(({ context }) => context);
      });
      return {
        protected: found.data.protected || rules.length > 0,
        rules: rules.map(({ type }) => type),
        checks: [...new Set([...required, ...(found.data.protection.required_status_checks?.contexts ?? [])])],
      };
    },
    async repository() {
      const { found } = await look();
      return {
        name: found.full_name,
        private: found.private,
        archived: found.archived,
        ids: { owner: found.owner.id, repository: found.id },
      };
    },
    async actions() {
      const { rest } = await open();
      const { data } = await asked("What Actions may do", () => rest.actions.getGithubActionsPermissionsRepository(at));
      if (!data.enabled || data.allowed_actions !== "selected")
        return { enabled: data.enabled, githubOwned: data.allowed_actions !== "local_only" };
      const selected = await asked("Which actions are allowed", () => rest.actions.getAllowedActionsRepository(at));
      return { enabled: true, githubOwned: selected.data.github_owned_allowed ?? false };
    },
    async mayMakePullRequests() {
      const { rest } = await open();
      const { data } = await asked("What runs may do", () =>
        rest.actions.getGithubActionsDefaultWorkflowPermissionsRepository(at),
      );
      return data.can_approve_pull_request_reviews;
    },
    async subject() {
      const { rest } = await open();
      const { data } = await asked("How the tokens' sub is made", () => rest.actions.getCustomOidcSubClaimForRepo(at));
      // A field of 2026, which the client's types do not know yet.
      const { use_immutable_subject: ids } = data as { use_immutable_subject?: boolean };
      return {
        ...(data.use_default ? {} : { claims: data.include_claim_keys ?? [] }),
        ...(ids === undefined ? {} : { ids }),
      };
    },
    async plan() {
      const { client, found } = await look();
      const { rest } = client;
      if (found.owner.type === "Organization")
        return (await asked("The organization", () => rest.orgs.get({ org: owner }))).data.plan?.name;
      const { data } = await asked("The token's user", () => rest.users.getAuthenticated());
      return data.id === found.owner.id ? data.plan?.name : undefined;
    },
    async workflows() {
      const { rest, paginate } = await open();
      const list = await asked("The workflows", () =>
        paginate(rest.actions.listRepoWorkflows, { ...at, per_page: 100 }),
      );
      return new Map(list.map(({ path, state }) => [path.replace(/^.*\//, ""), state]));
    },
    async variables() {
      const { rest, paginate } = await open();
      const list = await asked("The variables", () =>
        paginate(rest.actions.listRepoVariables, { ...at, per_page: 30 }),
      );
      return new Map(list.map(({ name, value }) => [name, value]));
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
