import { SlipwayError } from "../errors.ts";
import { gitText } from "../git.ts";

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
  const header: [string, string][] = options.token ? [authorization(url, options.token)] : [];
  return {
    url,
    branch: options.branch,
    env: gitEnvironment([["remote.origin.url", url], ...header, ...quiet], environment),
  };
}

/** The value that git sends for a token; mask it before the first use. */
export function basicCredentials(token: string): string {
  return Buffer.from(`x-access-token:${token}`).toString("base64");
}

/**
 * An environment for git with more settings, after those that `environment` brings already
 * (https://git-scm.com/docs/git-config#Documentation/git-config.txt-GITCONFIGCOUNT).
 * The variables by which git tells a hook which repository it is in are left out.
 */
export function gitEnvironment(
  settings: readonly (readonly [name: string, value: string])[],
  environment: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const inherited = Object.entries(environment).filter(([name]) => !repositoryVariables.has(name));
  const env: NodeJS.ProcessEnv = { ...Object.fromEntries(inherited), LC_ALL: "C", GIT_TERMINAL_PROMPT: "0" };
  const first = Number(env.GIT_CONFIG_COUNT) || 0;
  for (const [index, [name, value]] of settings.entries()) {
    env[`GIT_CONFIG_KEY_${first + index}`] = name;
    env[`GIT_CONFIG_VALUE_${first + index}`] = value;
  }
  env.GIT_CONFIG_COUNT = String(first + settings.length);
  return env;
}

/** `git rev-parse --local-env-vars`, without those that carry settings. */
const repositoryVariables = new Set([
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_DIR",
  "GIT_GRAFT_FILE",
  "GIT_IMPLICIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_NO_REPLACE_OBJECTS",
  "GIT_OBJECT_DIRECTORY",
  "GIT_PREFIX",
  "GIT_QUARANTINE_PATH",
  "GIT_REPLACE_REF_BASE",
  "GIT_SHALLOW_FILE",
  "GIT_WORK_TREE",
]);

/** A user's hooks, housekeeping and signatures have no place in a repository that lives for seconds. */
const quiet: [string, string][] = [
  ["core.hooksPath", "/dev/null"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["push.gpgSign", "false"],
];

/** The header goes only to the server that the token is for, never along with a redirect to another one. */
function authorization(url: string, token: string): [string, string] {
  const server = URL.canParse(url) ? new URL(url).origin : "https://github.com";
  return [`http.${server}/.extraheader`, `AUTHORIZATION: basic ${basicCredentials(token)}`];
}

async function originOf(directory: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const args = ["config", "--get", "remote.origin.url"];
  const url = await gitText(directory, args, { env: gitEnvironment([], environment), okCodes: [0, 1] });
  if (!url)
    throw new SlipwayError(`Where to release to is not known: ${directory} has no remote "origin".`, {
      next: "Add it, or set GITHUB_SERVER_URL and GITHUB_REPOSITORY.",
    });
  return url;
}
