import type { Markdown } from "../core/markdown.ts";
import { messageOf, SlipwayError } from "../core/errors.ts";
import { listJobs, type WorkflowJob } from "./jobs.ts";
import { closeIssue, type Issue, type IssueContent, upsertIssue } from "./issues.ts";
import { cutBody, isOwn, type Octokit, ownLogin, type Repository, tryRequestsAgain, withMark } from "./client.ts";

/** A pull request as far as we need it: its number and its page's address. */
export interface PullRequest {
  number: number;
  url: string;
  created: boolean;
}

/** As long may the description of a deployment's status be. */
const descriptionLimit = 140;

/** What a release to an environment has come to, as GitHub shows it. */
export interface DeploymentStatus {
  state: "in_progress" | "success" | "failure" | "inactive" | "error";
  /** Cut at GitHub's 140 characters. */
  description: string;
  /** The page of the run. */
  logUrl?: string | undefined;
  /** Where the environment answers. */
  environmentUrl?: string | undefined;
}

/** What we ask of GitHub's API, for one repository and one token. */
export interface GitHub {
  /**
   * Writes our one comment that carries `marker` on an issue or pull request: updates it, or makes it. One that
   * somebody else wrote is left alone, whatever it carries.
   *
   * @param marker a word that is ours alone; kept in the comment as an HTML comment
   * @param body Markdown of any length: cut below GitHub's limit, with a line that says so
   */
  upsertComment(issue: number, marker: string, body: Markdown): Promise<{ id: number; url: string }>;
  /**
   * Keeps our one issue that carries `marker` as `content` says: makes it, or brings the open one up to date. One that a
   * person has closed stays closed, until there is something new to say.
   *
   * @param marker a word that is ours alone; kept in the issue as an HTML comment
   */
  upsertIssue(marker: string, content: IssueContent): Promise<Issue>;
  /** Closes the issue that carries `marker`, with `body` as its last word. @returns undefined when none is open */
  closeIssue(marker: string, label: string, body: Markdown): Promise<Issue | undefined>;
  /** Whether the workflow run has ended; a run that GitHub does not know (any more) has. */
  runHasEnded(run: number): Promise<boolean>;
  /** The jobs of one attempt of a workflow run, those that still run among them. */
  listJobs(run: number, attempt: number): Promise<WorkflowJob[]>;
  /** Opens the pull request from `head` to `base`, or brings the open one's title and body up to date. */
  upsertPullRequest(options: { head: string; base: string; title: string; body: Markdown }): Promise<PullRequest>;
  /** Says that a commit goes to an environment. @returns the deployment's number, for its statuses */
  createDeployment(options: { commit: string; environment: string; description: string }): Promise<number>;
  /** Adds a status to a deployment; with `success`, GitHub makes the environment's older deployments inactive. */
  setDeploymentStatus(deployment: number, status: DeploymentStatus): Promise<void>;
}

/**
 * The repository that the workflow runs for.
 *
 * @throws SlipwayError when GITHUB_REPOSITORY is missing or is not `owner/name`
 */
export function repositoryFromEnvironment(environment: NodeJS.ProcessEnv = process.env): Repository {
  const text = environment.GITHUB_REPOSITORY ?? "";
  const [owner, repo, ...more] = text.split("/");
  if (!owner || !repo || more.length > 0)
    throw new SlipwayError(`GITHUB_REPOSITORY is ${JSON.stringify(text)}, not owner/name.`, {
      next: "GitHub sets it in every workflow; elsewhere, set it yourself.",
    });
  return { owner, repo };
}

/** The repository's page; none outside of GitHub Actions. */
export function repositoryUrl(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = environment;
  return server && repository ? `${server}/${repository}` : undefined;
}

/** The page of the run; none outside of GitHub Actions. */
export function runUrl(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const repository = repositoryUrl(environment);
  return repository && environment.GITHUB_RUN_ID
    ? `${repository}/actions/runs/${environment.GITHUB_RUN_ID}`
    : undefined;
}

/**
 * Opens GitHub's API, at GITHUB_API_URL when that is set.
 *
 * @param token usually the job's GITHUB_TOKEN
 */
export async function openGitHub(token: string, repository: Repository): Promise<GitHub> {
  // Loaded when used: most runs of an action never speak to the API.
  const { getOctokit } = await import("@actions/github");
  const octokit = getOctokit(token, { baseUrl: process.env.GITHUB_API_URL || "https://api.github.com" });
  tryRequestsAgain(octokit);
  return {
    upsertComment: (issue, marker, body) =>
      told(`The comment on #${issue}`, "pull-requests: write", () =>
        upsertComment(octokit, repository, issue, marker, body),
      ),
    upsertIssue: (marker, content) =>
      told(`The issue "${content.title}"`, "issues: write", () => upsertIssue(octokit, repository, marker, content)),
    closeIssue: (marker, label, body) =>
      told(`Closing the issue ${marker}`, "issues: write", () => closeIssue(octokit, repository, marker, label, body)),
    runHasEnded: (run) => told(`Workflow run ${run}`, "actions: read", () => runHasEnded(octokit, repository, run)),
    listJobs: (run, attempt) =>
      told(`The jobs of run ${run}`, "actions: read", () => listJobs(octokit, repository, run, attempt)),
    upsertPullRequest: (options) =>
      told(`The pull request from ${options.head}`, "pull-requests: write", () =>
        upsertPullRequest(octokit, repository, options),
      ),
    createDeployment: (options) =>
      told(`The deployment to ${options.environment}`, "deployments: write", () =>
        createDeployment(octokit, repository, options),
      ),
    setDeploymentStatus: (deployment, status) =>
      told(`The status of deployment ${deployment}`, "deployments: write", () =>
        setDeploymentStatus(octokit, repository, deployment, status),
      ),
  };
}

async function upsertComment(octokit: Octokit, repository: Repository, issue: number, marker: string, body: Markdown) {
  const text = withMark(marker, body);
  const author = await ownLogin(octokit);
  const pages = octokit.paginate.iterator(octokit.rest.issues.listComments, {
    ...repository,
    issue_number: issue,
    per_page: 100,
  });
  for await (const page of pages) {
    const found = page.data.find((comment) => isOwn(comment, marker, author));
    if (!found) continue;
    const { data } = await octokit.rest.issues.updateComment({ ...repository, comment_id: found.id, body: text });
    return { id: data.id, url: data.html_url };
  }
  const { data } = await octokit.rest.issues.createComment({ ...repository, issue_number: issue, body: text });
  return { id: data.id, url: data.html_url };
}

async function runHasEnded(octokit: Octokit, repository: Repository, run: number): Promise<boolean> {
  try {
    const { data } = await octokit.rest.actions.getWorkflowRun({ ...repository, run_id: run });
    return data.status === "completed";
  } catch (error) {
    // GitHub deletes runs after a while; what is deleted runs no more.
    if (statusOf(error) === 404) return true;
    throw error;
  }
}

async function upsertPullRequest(
  octokit: Octokit,
  repository: Repository,
  options: { head: string; base: string; title: string; body: Markdown },
): Promise<PullRequest> {
  const content = { title: options.title, body: cutBody(options.body) };
  const open = async () => {
    const head = `${repository.owner}:${options.head}`;
    const { data } = await octokit.rest.pulls.list({ ...repository, state: "open", head, base: options.base });
    return data[0];
  };
  const update = async (number: number): Promise<PullRequest> => {
    const { data } = await octokit.rest.pulls.update({ ...repository, pull_number: number, ...content });
    return { number: data.number, url: data.html_url, created: false };
  };
  const existing = await open();
  if (existing) return update(existing.number);
  try {
    const { data } = await octokit.rest.pulls.create({
      ...repository,
      head: options.head,
      base: options.base,
      ...content,
    });
    return { number: data.number, url: data.html_url, created: true };
  } catch (error) {
    // 422: another run was faster, so there is one now; or the request is wrong, and then there is none.
    const raced = statusOf(error) === 422 ? await open() : undefined;
    if (raced) return update(raced.number);
    throw error;
  }
}

async function createDeployment(
  octokit: Octokit,
  repository: Repository,
  options: { commit: string; environment: string; description: string },
): Promise<number> {
  const { data } = await octokit.rest.repos.createDeployment({
    ...repository,
    ref: options.commit,
    environment: options.environment,
    description: options.description.slice(0, descriptionLimit),
    auto_merge: false,
    // The commit is live or will be, whatever its checks say.
    required_contexts: [],
  });
  if (!("id" in data)) throw new Error(data.message);
  return data.id;
}

async function setDeploymentStatus(
  octokit: Octokit,
  repository: Repository,
  deployment: number,
  { state, description, logUrl, environmentUrl }: DeploymentStatus,
): Promise<void> {
  await octokit.rest.repos.createDeploymentStatus({
    ...repository,
    deployment_id: deployment,
    state,
    description: description.slice(0, descriptionLimit),
    ...(logUrl === undefined ? {} : { log_url: logUrl }),
    ...(environmentUrl === undefined ? {} : { environment_url: environmentUrl }),
  });
}

function statusOf(error: unknown): number | undefined {
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === "number" ? status : undefined;
}

/** Turns what GitHub answered into one line that says what may be wrong. */
async function told<T>(what: string, permission: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    const status = statusOf(cause);
    throw new SlipwayError(`${what}: GitHub answered ${status ?? "nothing"} (${messageOf(cause)}).`, {
      next:
        status === 401 || status === 403 || status === 404
          ? `The token needs the permission "${permission}"; for pull requests, the repository must allow Actions to create them.`
          : status === 410
            ? "The repository has its issues switched off: allow them under Settings › General."
            : "Run the job again; githubstatus.com tells of outages.",
      cause,
    });
  }
}
