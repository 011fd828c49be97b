/** An open or closed pull request. */
export interface PullState {
  number: number;
  title: string;
  body: string | null;
  head: string;
  base: string;
  state: "open" | "closed";
}

/** A comment on an issue or pull request. */
export interface CommentState {
  id: number;
  issue: number;
  body: string;
  /** Who wrote it; the token's own user when left out. */
  author?: string;
}

/** An issue that is not a pull request. */
export interface IssueState {
  number: number;
  title: string;
  body: string;
  labels: string[];
  state: "open" | "closed";
  /** Who wrote it; the token's own user when left out. */
  author?: string;
}

/** A workflow run, as far as it is asked for. */
export interface RunState {
  status: "queued" | "in_progress" | "completed";
  conclusion: "success" | "failure" | "cancelled" | null;
}

/** A job of a run. */
export interface JobState {
  name: string;
  status: "in_progress" | "completed";
  conclusion: "success" | "failure" | "cancelled" | "skipped" | null;
  started_at: string;
  completed_at: string | null;
}

/** A deployment to an environment. */
export interface DeploymentState {
  id: number;
  ref: string;
  environment: string;
  description: string;
}

/** A step in a deployment's life. */
export interface DeploymentStatusState {
  id: number;
  deployment: number;
  state: string;
  description: string;
  /** Of the environment. */
  url: string;
  /** Of the run. */
  log: string;
}

/** An environment in the repository's settings. */
export interface EnvironmentState {
  /** Which branches and tags may use it: every one, protected ones, or these. */
  allowed: "all" | "protected" | { name: string; type: "branch" | "tag" }[];
  reviewed: boolean;
}

/** A branch in the repository's settings. */
export interface BranchState {
  /** By a protection rule. */
  protected: boolean;
  /** The types of the rules that rulesets hold for it. */
  rules: string[];
  /** The checks that must pass, by a rule of a ruleset. */
  checks?: string[];
}

/** The repository's own settings. */
export interface RepositoryState {
  /** As GitHub writes it: another one where the repository was renamed. */
  name: string;
  id: number;
  ownerId: number;
  owner: "User" | "Organization";
  /** The owner's plan; GitHub shows it only to those who may see it. */
  plan: string | undefined;
  private: boolean;
  archived: boolean;
  createdAt: string;
  actions: {
    enabled: boolean;
    allowed: "all" | "local_only" | "selected";
    /** With `selected`: whether GitHub's own actions are. */
    githubOwned: boolean;
    /** Whether runs may make pull requests. */
    pullRequests: boolean;
  };
  /** What the tokens' `sub` holds: GitHub's usual claims, or these; and whether with ids. */
  subject: { claims?: string[]; ids: boolean };
  variables: Map<string, string>;
  /** States by file name: `active`, `disabled_manually`. */
  workflows: Map<string, "active" | "disabled_manually" | "disabled_inactivity">;
}

/** A public repository with GitHub's usual settings. */
export function usualRepository(name: string): RepositoryState {
  return {
    name,
    id: 1,
    ownerId: 1,
    owner: "User",
    plan: "free",
    private: false,
    archived: false,
    createdAt: "2026-01-01T00:00:00Z",
    actions: { enabled: true, allowed: "all", githubOwned: true, pullRequests: false },
    subject: { ids: false },
    variables: new Map(),
    workflows: new Map(["ci", "deliver", "destroy", "lease"].map((each) => [`${each}.yml`, "active"])),
  };
}

/** What the stand-in remembers; a rehearsal reads it and may write it. Lost when it stops. */
export interface GitHubState {
  pulls: PullState[];
  issues: IssueState[];
  comments: CommentState[];
  /** By run id; a run that is not here is answered with 404. */
  runs: Map<number, RunState>;
  /** By run id: those of its one attempt, as they are when they are asked for. */
  jobs: Map<number, () => JobState[]>;
  /** By name. */
  environments: Map<string, EnvironmentState>;
  repository: RepositoryState;
  /** By name; only what a test has put here. */
  branches: Map<string, BranchState>;
  deployments: DeploymentState[];
  statuses: DeploymentStatusState[];
}

/** An answer before what GitHub's description requires of it is filled in. */
export interface RouteAnswer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** What a route is asked. */
export interface RouteCall {
  options: GitHubOptions;
  state: GitHubState;
  parameters: Record<string, string>;
  url: URL;
  /** Checked against the description before a route sees it. */
  body: Record<string, string>;
}

/** One operation that the stand-in plays. */
export interface Route {
  method: string;
  /** As in GitHub's description. */
  path: string;
  answer(call: RouteCall): RouteAnswer | Promise<RouteAnswer>;
}

/** GitHub's error body. */
export function refusal(status: number, message: string): RouteAnswer {
  return { status, body: { message, documentation_url: "https://docs.github.com/rest" } };
}

/** What there is not. */
export const notFound = refusal(404, "Not Found");

/** How the paths of the one repository begin. */
export const repository = "/repos/{owner}/{repo}";

/** Whose token it is. */
export const bot = { login: "github-actions[bot]", type: "Bot" };

/** Who wrote a comment or an issue. */
export const authorOf = ({ author }: { author?: string }) => (author ? { login: author, type: "User" } : bot);

/** Issues and pull requests are numbered together on GitHub. */
export function nextNumber({ pulls, issues }: GitHubState): number {
  return Math.max(0, ...[...pulls, ...issues].map(({ number }) => number)) + 1;
}

/** One page of a list, with the `Link` header that leads to the next. */
export function paged(items: unknown[], url: URL): RouteAnswer {
  const size = Number(url.searchParams.get("per_page") ?? 30);
  const page = Number(url.searchParams.get("page") ?? 1);
  const next = new URL(url);
  next.searchParams.set("page", String(page + 1));
  const more = items.length > page * size;
  return {
    status: 200,
    body: items.slice((page - 1) * size, page * size),
    ...(more ? { headers: { link: `<${next.href}>; rel="next"` } } : {}),
  };
}

/** How the stand-in is started. */
export interface GitHubOptions {
  /** `owner/name`, the one repository that there is. */
  repository: string;
  /** The one token that is accepted. */
  token: string;
  /** GitHub's numbers for the repository. */
  ids?: { owner: number; repository: number };
  /** Whether only those see it who were let in; public when left out. */
  private?: boolean;
  /** The repository's bare git directory: pull requests then need a head branch that exists and differs from its base. */
  gitDirectory?: string;
}
