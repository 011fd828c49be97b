import { cutMarkdown, type Markdown, safe } from "./core/markdown.ts";

/** A repository on GitHub. */
export interface Repository {
  owner: string;
  repo: string;
}

/** The client of GitHub's API. */
export type Octokit = ReturnType<typeof import("@actions/github").getOctokit>;

/** GitHub refuses a longer comment or pull request body; counted in characters. */
export const bodyLimit = 65_536;

/** A body that GitHub takes: cut at a line's end, with an open code block closed, when it is too long. */
export function cutBody(body: Markdown): Markdown {
  const note = safe`*Cut: GitHub's limit is reached. The whole text is in the job summary.*`;
  return cutMarkdown(body, bodyLimit - 1, "characters", note);
}

/** The body of a comment or an issue that is found again by its marker. */
export function withMark(marker: string, body: Markdown): Markdown {
  return cutBody(safe`${mark(marker)}\n${body}`);
}

const mark = (marker: string) => `<!-- ${marker} -->` as Markdown;

/** Whether a comment or an issue carries the marker and was written by `author`: anybody can copy a marker. */
export function isOwn(
  written: { body?: string | null; user?: { login?: string } | null },
  marker: string,
  author: string,
): boolean {
  return written.user?.login === author && (written.body?.startsWith(mark(marker)) ?? false);
}

/**
 * Whom GitHub names as the author of what this token writes: `github-actions[bot]` for a job's own token. The REST API
 * tells a person who they are, and refuses an app; GraphQL tells both.
 * https://docs.github.com/en/graphql/reference/queries#viewer
 */
export async function ownLogin(octokit: Octokit): Promise<string> {
  const { viewer } = await octokit.graphql<{ viewer: { login: string } }>("query { viewer { login } }");
  return viewer.login;
}
