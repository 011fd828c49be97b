import type { Markdown } from "../core/markdown.ts";
import { isOwn, type Octokit, ownLogin, type Repository, withMark } from "./client.ts";

/** An issue, by its number and its page's address. */
export interface Issue {
  number: number;
  url: string;
}

/** What an issue says. */
export interface IssueContent {
  title: string;
  /** Markdown of any length: cut below GitHub's limit, with a line that says so. */
  body: Markdown;
  /** By which issues of its kind are found; GitHub makes a label that it does not know yet. */
  label: string;
}

/** See `GitHub.upsertIssue`. */
export async function upsertIssue(
  octokit: Octokit,
  repository: Repository,
  marker: string,
  { title, body, label }: IssueContent,
): Promise<Issue> {
  const content = { title, body: withMark(marker, body) };
  const found = await findIssue(octokit, repository, marker, label);
  const same = found?.title === title && found.body === content.body;
  // Nothing is written without need: GitHub shows every change in the issue's history.
  if (found && same) return { number: found.number, url: found.html_url };
  const { data } =
    found?.state === "open"
      ? await octokit.rest.issues.update({ ...repository, issue_number: found.number, ...content })
      : await octokit.rest.issues.create({ ...repository, ...content, labels: [label] });
  return { number: data.number, url: data.html_url };
}

/** See `GitHub.closeIssue`. */
export async function closeIssue(
  octokit: Octokit,
  repository: Repository,
  marker: string,
  label: string,
  body: Markdown,
): Promise<Issue | undefined> {
  const found = await findIssue(octokit, repository, marker, label);
  if (found?.state !== "open") return undefined;
  const { data } = await octokit.rest.issues.update({
    ...repository,
    issue_number: found.number,
    body: withMark(marker, body),
    state: "closed",
    state_reason: "completed",
  });
  return { number: data.number, url: data.html_url };
}

/** Our open issue with the marker; else the newest. */
async function findIssue(octokit: Octokit, repository: Repository, marker: string, label: string) {
  const all = await octokit.paginate(octokit.rest.issues.listForRepo, {
    ...repository,
    labels: label,
    state: "all",
    sort: "created",
    direction: "desc",
    per_page: 100,
  });
  const author = await ownLogin(octokit);
  const ours = all.filter((issue) => !issue.pull_request && isOwn(issue, marker, author));
  return ours.find(({ state }) => state === "open") ?? ours[0];
}
