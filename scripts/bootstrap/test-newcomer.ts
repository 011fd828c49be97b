import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { git, gitText } from "../../actions/lib/git/git.ts";
import { type Emulator, startEmulator } from "../rehearsal/aws/emulator/emulator.ts";
import { type Proxy, startProxy } from "../rehearsal/aws/proxy/proxy.ts";
import { type GitHubServer, startGitHub } from "../rehearsal/github/github.ts";
import { terraformEnvironment } from "../rehearsal/tools/terraform.ts";

const root = join(import.meta.dirname, "../..");

/** Somebody who has just copied the repository: a clone, an empty AWS account, a repository on GitHub. */
export interface Newcomer extends AsyncDisposable {
  /** The clone's folder, with slipway.yaml as it comes. */
  directory: string;
  emulator: Emulator;
  /** What stands before the emulator. */
  proxy: Proxy;
  github: GitHubServer;
  /** Signed in to AWS and to GitHub. */
  environment: NodeJS.ProcessEnv;
  /** Runs `./slipway` at a terminal, and types an answer for each question. */
  atTerminal(
    args: readonly string[],
    answers: readonly string[],
    environment?: NodeJS.ProcessEnv,
  ): Promise<CommandExit>;
  /** Runs `./slipway` without a terminal. */
  silently(args: readonly string[], environment?: NodeJS.ProcessEnv): Promise<CommandExit>;
}

/** A finished command: its exit code and everything that it printed. */
export interface CommandExit {
  code: number;
  text: string;
}

/** The repository that the newcomer has on GitHub. */
export const own = { repository: "octo-org/octo-repo", ids: { owner: 123456, repository: 456789 } } as const;

/** Makes a newcomer; everything of theirs goes at the end. */
export async function newcomer(account: string): Promise<Newcomer> {
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "slipway-newcomer-"));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const emulator = undo.use(await startEmulator({ log: join(folder, "aws.log"), account }));
  const proxy = undo.use(await startProxy({ upstream: emulator.endpoint }));
  const github = undo.use(await startGitHub({ ...own, token: "a-persons-token" }));
  const directory = join(folder, "clone");
  await copyRepository(directory);
  const environment = {
    PATH: process.env.PATH,
    HOME: folder,
    TERM: "dumb",
    GIT_CONFIG_NOSYSTEM: "1",
    XDG_CACHE_HOME: join(folder, "cache"),
    AWS_ENDPOINT_URL: proxy.endpoint,
    AWS_ACCESS_KEY_ID: emulator.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: emulator.credentials.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: "true",
    GITHUB_API_URL: github.endpoint,
    GITHUB_TOKEN: "a-persons-token",
    ...(await terraformEnvironment()),
  };
  const release = undo.move();
  const command = [process.execPath, join(directory, "scripts/slipway.ts")];
  const start = async (words: readonly string[], answers: readonly string[], env: NodeJS.ProcessEnv) => {
    const [program = "", ...args] = words;
    const child = spawn(program, args, { cwd: directory, env: { ...environment, ...env } });
    const open = [...answers];
    let text = "";
    let read = 0;
    const take = (chunk: Buffer) => {
      text += chunk.toString("utf8");
      // A question is what waits at the end of the last line.
      if (open.length === 0 || !/(\]|\)):? $/.test(text) || text.length === read) return;
      read = text.length;
      child.stdin.write(`${open.shift()}\n`);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.stdin.on("error", () => {});
    if (answers.length === 0) child.stdin.end();
    const [code] = (await once(child, "close")) as [number | null];
    return { code: code ?? 1, text: text.replaceAll("\r\n", "\n").replaceAll("\r", "") };
  };
  const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;
  return {
    directory,
    emulator,
    proxy,
    github,
    environment,
    atTerminal: (args, answers, env = {}) =>
      start(
        ["script", "--quiet", "--return", "--command", [...command, ...args].map(quoted).join(" "), "/dev/null"],
        answers,
        env,
      ),
    silently: (args, env = {}) => start([...command, ...args], [], env),
    [Symbol.asyncDispose]: () => release.disposeAsync(),
  };
}

/** The files of the working tree that git knows, or would take, in a repository of their own. */
async function copyRepository(directory: string): Promise<void> {
  const listed = await gitText(root, ["ls-files", "--cached", "--others", "--exclude-standard", "-z"]);
  const folders =
    /^(actions\/(?!dist)|scripts\/|terraform\/|gitops\/bootstrap\/|apps\/[^/]+\/[^/]+\/Dockerfile|[^/]+$)/;
  for (const path of listed.split("\0").filter((each) => folders.test(each)))
    await cp(join(root, path), join(directory, path), { recursive: true });
  await symlink(join(root, "node_modules"), join(directory, "node_modules"));
  const run = (...args: string[]) => git(directory, args);
  await run("init", "--quiet", "--initial-branch=main");
  await run("config", "user.name", "A newcomer");
  await run("config", "user.email", "newcomer@example.com");
  await run("remote", "add", "origin", `git@github.com:${own.repository}.git`);
  await run("add", "--all");
  await run("commit", "--quiet", "--message", "As it comes");
}
