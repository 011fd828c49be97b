import { spawn } from "node:child_process";
import { timingSafeEqual } from "node:crypto";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { messageOf } from "../../../actions/lib/core/errors.ts";
import { git } from "../../../actions/lib/git/git.ts";
import { close, listen } from "../tools/listening.ts";
import { ensureSystemPackages } from "../tools/system.ts";

/** Who may push, by the token that each sends as password or bearer. */
export interface GitTokens {
  person: string;
  /** What workflows get as GITHUB_TOKEN. */
  bot: string;
}

/** Who pushed. */
export type Pusher = keyof GitTokens;

/** One branch or tag that a push moved, as git's `post-receive` hook tells it. */
export interface RefUpdate {
  /** The commit before; forty zeros for a new ref. */
  before: string;
  /** The commit after; forty zeros for a deleted ref. */
  after: string;
  ref: string;
}

/** A push that the repository has taken; `say` prints a line in the terminal of who pushed. */
export interface Push {
  pusher: Pusher;
  updates: RefUpdate[];
  say: (line: string) => void;
}

/** How the server is started. */
export interface GitServerOptions {
  /** The folder for the bare repository. */
  folder: string;
  /** `owner/name`. */
  repository: string;
  /** The branch that HEAD names. */
  branch: string;
  tokens: GitTokens;
  /** The address that it listens on: 127.0.0.1 when left out; a bridge's, where containers must reach it. */
  host?: string;
  /** Called after each push; the push ends when it does. */
  onPush: (push: Push) => Promise<void>;
}

/** A running git server with one repository. */
export interface GitServer extends AsyncDisposable {
  /** The address of the server, without a path: for GITHUB_SERVER_URL. */
  readonly endpoint: string;
  /** The address to clone. */
  readonly url: string;
  /** The bare repository's folder. */
  readonly directory: string;
}

/** Where the hook reports a push; no repository can have this name. */
const hookPath = "/-/post-receive";

/**
 * Serves one bare repository by git's own `http-backend` on this machine. Everybody may read; a push needs a token.
 * Its `post-receive` hook hands the push over and passes on what is said about it, so that the push itself prints it.
 */
export async function startGitServer(options: GitServerOptions): Promise<GitServer> {
  await ensureSystemPackages(["git"]);
  const directory = join(options.folder, `${options.repository}.git`);
  const server = createServer((request, response) => {
    serve(request, response, options).catch((error: unknown) => {
      process.stderr.write(`slipway: git server: ${messageOf(error)}\n`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  // A delivery may take longer than Node.js lets a request take.
  server.requestTimeout = 0;
  const host = options.host ?? "127.0.0.1";
  const endpoint = `http://${host}:${await listen(server, host)}`;
  await createRepository(directory, options.branch, `${endpoint}${hookPath}`);
  const stop = () => close(server);
  return { endpoint, url: `${endpoint}/${options.repository}.git`, directory, [Symbol.asyncDispose]: stop };
}

async function createRepository(directory: string, branch: string, hookUrl: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await git(directory, ["init", "--quiet", "--bare", `--initial-branch=${branch}`]);
  const settings = {
    "http.receivepack": "true",
    // What GitHub allows: fetching any commit by its id, partial clones, and no history rewritten on the branch unseen.
    "uploadpack.allowAnySHA1InWant": "true",
    "uploadpack.allowFilter": "true",
    "gc.auto": "0",
    "receive.autogc": "false",
  };
  for (const [name, value] of Object.entries(settings)) await git(directory, ["config", name, value]);
  const hook = join(directory, "hooks", "post-receive");
  await mkdir(dirname(hook), { recursive: true });
  const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
  const words = [process.execPath, join(import.meta.dirname, "post-receive.ts"), hookUrl];
  await writeFile(hook, `#!/bin/sh\nexec ${words.map(quote).join(" ")}\n`);
  await chmod(hook, 0o755);
}

async function serve(request: IncomingMessage, response: ServerResponse, options: GitServerOptions): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const pusher = pusherOf(request.headers.authorization, options.tokens);
  if (url.pathname === hookPath) return receive(request, response, options, pusher);
  const match =
    /^\/([^/]+\/[^/]+?)(?:\.git)?(\/(?:info\/refs|git-upload-pack|git-receive-pack|HEAD|objects\/.*))$/.exec(
      url.pathname,
    );
  if (match?.[1] !== options.repository) {
    response.writeHead(404, { "content-type": "text/plain" }).end("no such repository\n");
    return;
  }
  const pushes = match[2] === "/git-receive-pack" || url.searchParams.get("service") === "git-receive-pack";
  if (pushes && !pusher) {
    response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end();
    return;
  }
  backend(request, response, {
    GIT_PROJECT_ROOT: options.folder,
    GIT_HTTP_EXPORT_ALL: "1",
    PATH_INFO: `/${options.repository}.git${match[2]}`,
    QUERY_STRING: url.search.slice(1),
    ...(pusher ? { REMOTE_USER: pusher, SLIPWAY_PUSH_TOKEN: options.tokens[pusher] } : {}),
  });
}

/** Who sent this `authorization` header: basic with the token as password, or bearer. */
function pusherOf(header: string | undefined, tokens: GitTokens): Pusher | undefined {
  const [scheme = "", value = ""] = (header ?? "").split(" ");
  const basic = () => Buffer.from(value, "base64").toString().split(":").slice(1).join(":");
  const token = scheme.toLowerCase() === "basic" ? basic() : value;
  const equals = (expected: string) =>
    token.length === expected.length && timingSafeEqual(Buffer.from(token), Buffer.from(expected));
  return (["person", "bot"] as const).find((who) => equals(tokens[who]));
}

/** Runs `git http-backend` for one request, by the rules of CGI (RFC 3875). */
export function backend(request: IncomingMessage, response: ServerResponse, variables: NodeJS.ProcessEnv): void {
  const child = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env.PATH,
      ...variables,
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      ...(request.headers["content-length"] ? { CONTENT_LENGTH: request.headers["content-length"] } : {}),
      ...(request.headers["content-encoding"] ? { HTTP_CONTENT_ENCODING: request.headers["content-encoding"] } : {}),
      GIT_PROTOCOL: request.headers["git-protocol"] as string | undefined,
      // The person's own settings of git are not this server's.
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_SYSTEM: "/dev/null",
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.once("error", () => response.writeHead(500).end());
  child.stdin.on("error", () => {});
  request.pipe(child.stdin);
  response.once("close", () => child.stdout.destroy());
  let head = Buffer.alloc(0);
  const onHead = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    child.stdout.off("data", onHead);
    let status = 200;
    for (const line of head.subarray(0, end).toString().split("\r\n")) {
      const [name = "", value = ""] = line.split(/:\s*/, 2);
      if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
      else response.appendHeader(name, value);
    }
    response.writeHead(status);
    response.write(head.subarray(end + 4));
    child.stdout.pipe(response);
  };
  child.stdout.on("data", onHead);
  child.once("close", () => response.end());
}

/** The hook's report: one line per moved ref; the answer's lines are printed as they are said. */
async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  options: GitServerOptions,
  pusher: Pusher | undefined,
): Promise<void> {
  if (request.method !== "POST" || !pusher) {
    response.writeHead(403).end();
    return;
  }
  const lines = (await text(request)).split("\n").filter(Boolean);
  const updates = lines.map((line) => {
    const [before = "", after = "", ref = ""] = line.split(" ");
    return { before, after, ref };
  });
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
  response.flushHeaders();
  const say = (line: string) => void response.write(`${line}\n`);
  await options.onPush({ pusher, updates, say }).catch((error: unknown) => say(`error: ${messageOf(error)}`));
  response.end();
}
