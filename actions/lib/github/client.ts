import { cutMarkdown, type Markdown, safe } from "../core/markdown.ts";
import { type RetryClock, pauseAfterOutage, systemClock } from "../git/outages.ts";

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

/** An error of Octokit: `status` is 500 also where no answer came. https://github.com/octokit/request-error.js */
interface RequestError {
  status?: number;
  message?: string;
  response?: { headers: Record<string, string | number | undefined> };
}

/** Milliseconds in which a request to GitHub is started again. */
const patience = 120_000;

/**
 * Lets a client send a request again that GitHub was too busy for (429, or 403 by a rate limit, as late as it asks), and
 * one that failed on its way or by an error of the server, unless that could do the same thing twice.
 * https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
 */
export function tryRequestsAgain(octokit: Octokit, clock: RetryClock = systemClock): void {
  octokit.hook.wrap("request", async (request, options) => {
    const end = clock.now() + patience;
    for (let count = 1; ; count += 1) {
      try {
        return await request(options);
      } catch (error) {
        const wait = waitBefore(error as RequestError, options.method, count, clock.now());
        if (wait === undefined || clock.now() + wait > end) throw error;
        await clock.sleep(wait);
      }
    }
  });
}

/** Milliseconds until a failed request is worth another attempt; undefined when none is. */
function waitBefore({ status = 0, message, response }: RequestError, method: string, count: number, now: number) {
  const header = (name: string) => Number(response?.headers[name] ?? Number.NaN);
  const limited = status === 429 || (status === 403 && /rate limit/i.test(message ?? ""));
  if (!limited && !(status >= 500 && method !== "POST")) return undefined;
  const asked = header("retry-after") * 1000;
  if (asked >= 0) return asked;
  const reset = header("x-ratelimit-remaining") === 0 ? header("x-ratelimit-reset") * 1000 - now : 0;
  return Math.max(reset, pauseAfterOutage(count));
}
