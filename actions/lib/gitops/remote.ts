import { SlipwayError } from "../core/errors.ts";
import { gitText } from "../git/git.ts";
import { gitEnvironment, type GitSetting } from "../git/environment.ts";

/** The repository and branch that a release is committed to. */
export interface Remote {
  url: string;
  branch: string;
  /** The environment of every git process that speaks to it: holds the credentials, which no argument or URL does. */
  env: NodeJS.ProcessEnv;
}

/** What decides where a release goes. */
export interface RemoteOptions {
  branch: string;
  /** GitHub's token; none for a remote that asks for none. */
  token?: string | undefined;
  /** A checkout, whose `origin` serves where the job's environment names no server. */
  directory: string;
}

/**
 * The repository that the job runs for, or the checkout's `origin` outside of GitHub Actions.
 *
 * @throws SlipwayError when neither names one
 */
export async function remoteFromEnvironment(
  options: RemoteOptions,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Remote> {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = environment;
  const url = server && repository ? `${server}/${repository}.git` : await originOf(options.directory, environment);
  const header = options.token ? authorization(url, options.token) : [];
  const settings: GitSetting[] = [["remote.origin.url", url], ...header];
  return {
    url,
    branch: options.branch,
    env: { ...gitEnvironment(settings, environment), GIT_TERMINAL_PROMPT: "0" },
  };
}

/** The value that git sends for a token; mask it before the first use. */
export function basicCredentials(token: string): string {
  return Buffer.from(`x-access-token:${token}`).toString("base64");
}

/**
 * The settings by which git sends a token to a server.
 *
 * The header goes only to the server that the token is for, never along with a redirect to another one. An empty value
 * takes away those that a person's settings add, which git would send along with it; and of settings for several URLs git
 * takes those for the longest one: https://git-scm.com/docs/git-config#Documentation/git-config.txt-httpextraHeader.
 */
export function authorization(url: string, token: string): GitSetting[] {
  const { origin, pathname } = new URL(URL.canParse(url) ? url : "https://github.com");
  return [`${origin}/`, ...(pathname === "/" ? [] : [`${origin}${pathname}`])].flatMap((each): GitSetting[] => [
    [`http.${each}.extraheader`, ""],
    [`http.${each}.extraheader`, `AUTHORIZATION: basic ${basicCredentials(token)}`],
  ]);
}

async function originOf(directory: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const args = ["config", "--get", "remote.origin.url"];
  const url = await gitText(directory, args, { env: environment, okCodes: [0, 1] });
  if (!url)
    throw new SlipwayError(`Where to release to is not known: ${directory} has no remote "origin".`, {
      next: "Add it, or set GITHUB_SERVER_URL and GITHUB_REPOSITORY.",
    });
  return url;
}
