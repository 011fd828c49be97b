import {
  authorOf,
  type GitHubOptions,
  type IssueState,
  nextNumber,
  notFound,
  paged,
  refusal,
  repository,
  type Route,
} from "./github-state.ts";

/** The operations on issues. */
export const issueRoutes: readonly Route[] = [
  {
    method: "GET",
    path: `${repository}/issues`,
    answer({ options, state, url }) {
      const query = url.searchParams;
      const wanted = query.get("state") ?? "open";
      const labels = query.get("labels")?.split(",") ?? [];
      // To GitHub every pull request is an issue, too.
      const pulls = state.pulls.map(({ number, title, body, state: now }) => ({
        issue: { number, title, body: body ?? "", state: now, labels: [] as string[] },
        pull: true,
      }));
      const found = [...pulls, ...state.issues.map((issue) => ({ issue, pull: false }))]
        .filter(({ issue }) => wanted === "all" || issue.state === wanted)
        .filter(({ issue }) => labels.every((label) => issue.labels.includes(label)))
        .sort((one, other) => other.issue.number - one.issue.number);
      return paged(
        found.map(({ issue, pull }) => issueBody(options, issue, pull)),
        url,
      );
    },
  },
  {
    method: "POST",
    path: `${repository}/issues`,
    answer({ options, state, body }) {
      const { title = "", body: text = "", labels } = body as { title?: string; body?: string; labels?: string[] };
      if (text.length > 65_536) return refusal(422, "Body is too long (maximum is 65536 characters)");
      const issue: IssueState = { number: nextNumber(state), title, body: text, labels: labels ?? [], state: "open" };
      state.issues.push(issue);
      return { status: 201, body: issueBody(options, issue) };
    },
  },
  {
    method: "PATCH",
    path: `${repository}/issues/{issue_number}`,
    answer({ options, state, parameters, body }) {
      const issue = state.issues.find(({ number }) => number === Number(parameters.issue_number));
      if (!issue) return notFound;
      const { title = issue.title, body: text = issue.body, state: wanted = issue.state } = body;
      if (text.length > 65_536) return refusal(422, "Body is too long (maximum is 65536 characters)");
      Object.assign(issue, { title, body: text, state: wanted });
      return { status: 200, body: issueBody(options, issue) };
    },
  },
];

function issueBody(options: GitHubOptions, issue: IssueState, pull = false): unknown {
  const page = `https://github.com/${options.repository}/${pull ? "pull" : "issues"}/${issue.number}`;
  return {
    id: issue.number,
    number: issue.number,
    title: issue.title,
    body: issue.body,
    state: issue.state,
    labels: issue.labels.map((name) => ({ name })),
    user: authorOf(issue),
    html_url: page,
    ...(pull && { pull_request: { html_url: page, diff_url: `${page}.diff`, patch_url: `${page}.patch`, url: page } }),
  };
}
