import { git, gitText } from "../../../actions/lib/git/git.ts";
import {
  authorOf,
  bot,
  type CommentState,
  type DeploymentState,
  type DeploymentStatusState,
  type GitHubOptions,
  type GitHubState,
  nextNumber,
  notFound,
  paged,
  type PullState,
  refusal,
  repository,
  type Route,
} from "./github-state.ts";
import { settingsRoutes } from "./settings-routes.ts";
import { issueRoutes } from "./issue-routes.ts";

/** Every operation that the stand-in plays. */
export const routes: readonly Route[] = [
  ...issueRoutes,
  ...settingsRoutes,
  {
    method: "GET",
    path: `${repository}/pulls`,
    async answer({ options, state, url }) {
      const query = url.searchParams;
      const wanted = query.get("state") ?? "open";
      const [owner] = options.repository.split("/");
      const found = state.pulls.filter(
        (pull) =>
          (wanted === "all" || pull.state === wanted) &&
          [null, `${owner}:${pull.head}`].includes(query.get("head")) &&
          [null, pull.base].includes(query.get("base")),
      );
      return paged(await Promise.all(found.reverse().map((pull) => pullBody(options, pull))), url);
    },
  },
  {
    method: "POST",
    path: `${repository}/pulls`,
    async answer({ options, state, body }) {
      const { title = "", head = "", base = "" } = body;
      if (state.pulls.some((pull) => pull.state === "open" && pull.head === head && pull.base === base))
        return refusal(422, "Validation Failed: A pull request already exists for this head and base");
      const problem = await headProblem(options, head, base);
      if (problem) return refusal(422, `Validation Failed: ${problem}`);
      const pull: PullState = { number: nextNumber(state), title, body: body.body ?? null, head, base, state: "open" };
      state.pulls.push(pull);
      return { status: 201, body: await pullBody(options, pull) };
    },
  },
  {
    method: "PATCH",
    path: `${repository}/pulls/{pull_number}`,
    async answer({ options, state, parameters, body }) {
      const pull = state.pulls.find((each) => each.number === Number(parameters.pull_number));
      if (!pull) return notFound;
      const { title, body: text, state: wanted } = body;
      if (title !== undefined) pull.title = title;
      if (text !== undefined) pull.body = text;
      if (wanted !== undefined) pull.state = wanted as PullState["state"];
      return { status: 200, body: await pullBody(options, pull) };
    },
  },
  {
    method: "GET",
    path: `${repository}/issues/{issue_number}/comments`,
    answer({ options, state, parameters, url }) {
      const found = state.comments.filter((each) => each.issue === Number(parameters.issue_number));
      return paged(
        found.map((each) => commentBody(options, each)),
        url,
      );
    },
  },
  {
    method: "POST",
    path: `${repository}/issues/{issue_number}/comments`,
    answer({ options, state, parameters, body }) {
      const issue = Number(parameters.issue_number);
      if (![...state.pulls, ...state.issues].some(({ number }) => number === issue)) return notFound;
      const comment: CommentState = { id: state.comments.length + 1, issue, body: body.body ?? "" };
      if (comment.body.length > 65_536) return refusal(422, "Body is too long (maximum is 65536 characters)");
      state.comments.push(comment);
      return { status: 201, body: commentBody(options, comment) };
    },
  },
  {
    method: "PATCH",
    path: `${repository}/issues/comments/{comment_id}`,
    answer({ options, state, parameters, body }) {
      const comment = state.comments.find((each) => each.id === Number(parameters.comment_id));
      if (!comment) return notFound;
      if ((body.body ?? "").length > 65_536) return refusal(422, "Body is too long (maximum is 65536 characters)");
      comment.body = body.body ?? "";
      return { status: 200, body: commentBody(options, comment) };
    },
  },
  {
    method: "GET",
    path: `${repository}/actions/runs/{run_id}`,
    answer({ state, parameters }) {
      const id = Number(parameters.run_id);
      const run = state.runs.get(id);
      return run ? { status: 200, body: { id, ...run } } : notFound;
    },
  },
  {
    method: "GET",
    path: `${repository}/actions/runs/{run_id}/attempts/{attempt_number}/jobs`,
    answer({ state, parameters, url }) {
      const jobs = state.jobs.get(Number(parameters.run_id))?.();
      if (!jobs || parameters.attempt_number !== "1") return notFound;
      const page = paged(
        jobs.map((job, index) => ({ id: index + 1, run_id: Number(parameters.run_id), ...job })),
        url,
      );
      return { ...page, body: { total_count: jobs.length, jobs: page.body } };
    },
  },
  {
    method: "POST",
    path: `${repository}/deployments`,
    async answer({ options, state, body }) {
      const { ref = "", environment = "production", description = "" } = body;
      if (options.gitDirectory && !(await commitOf(options, ref))) return refusal(422, `No ref found for: ${ref}`);
      const deployment: DeploymentState = { id: state.deployments.length + 1, ref, environment, description };
      state.deployments.push(deployment);
      return { status: 201, body: deployment };
    },
  },
  {
    method: "POST",
    path: `${repository}/deployments/{deployment_id}/statuses`,
    answer({ state, parameters, body }) {
      const deployment = state.deployments.find((each) => each.id === Number(parameters.deployment_id));
      if (!deployment) return notFound;
      const { state: wanted = "", description = "", environment_url: url = "", log_url: log = "" } = body;
      if (description.length > 140) return refusal(422, "description is too long (maximum is 140 characters)");
      const add = (id: number, values: Omit<DeploymentStatusState, "id" | "deployment">) => {
        state.statuses.push({ id: state.statuses.length + 1, deployment: id, ...values });
      };
      if (wanted === "success" && String(body.auto_inactive) !== "false")
        for (const { id } of state.deployments)
          if (id < deployment.id && standsAtSuccess(state, id, deployment.environment))
            add(id, { state: "inactive", description: "", url: "", log: "" });
      add(deployment.id, { state: wanted, description, url, log });
      return { status: 201, body: { ...body, id: state.statuses.length } };
    },
  },
];

/** GitHub makes such deployments inactive when a newer one of their environment succeeds. */
function standsAtSuccess(state: GitHubState, id: number, environment: string): boolean {
  const last = state.statuses.findLast((each) => each.deployment === id);
  return (
    last?.state === "success" && state.deployments.some((each) => each.id === id && each.environment === environment)
  );
}

async function headProblem(options: GitHubOptions, head: string, base: string): Promise<string | undefined> {
  if (!options.gitDirectory) return undefined;
  const [from, to] = await Promise.all([commitOf(options, base), commitOf(options, head)]);
  if (!from) return "base is invalid";
  if (!to) return "head is invalid";
  const ahead = await gitText(options.gitDirectory, ["rev-list", "--count", `${from}..${to}`]);
  return ahead === "0" ? `No commits between ${base} and ${head}` : undefined;
}

/** @param name a branch, or a commit's whole id */
async function commitOf(options: GitHubOptions, name: string): Promise<string | undefined> {
  if (!options.gitDirectory) return "0".repeat(40);
  const reference = /^[0-9a-f]{40}$/.test(name) ? `${name}^{commit}` : `refs/heads/${name}^{commit}`;
  const found = await git(options.gitDirectory, ["rev-parse", "--verify", "-q", reference], { okCodes: [0, 1] });
  return found.stdout.trim() || undefined;
}

async function pullBody(options: GitHubOptions, pull: PullState): Promise<unknown> {
  const side = async (ref: string) => ({
    label: `${options.repository.split("/")[0]}:${ref}`,
    ref,
    sha: (await commitOf(options, ref)) ?? "",
    repo: { full_name: options.repository },
  });
  return {
    id: pull.number,
    number: pull.number,
    state: pull.state,
    title: pull.title,
    body: pull.body,
    user: bot,
    head: await side(pull.head),
    base: await side(pull.base),
    html_url: `https://github.com/${options.repository}/pull/${pull.number}`,
  };
}

function commentBody(options: GitHubOptions, comment: CommentState): unknown {
  return {
    id: comment.id,
    body: comment.body,
    user: authorOf(comment),
    html_url: `https://github.com/${options.repository}/issues/${comment.issue}#issuecomment-${comment.id}`,
  };
}
