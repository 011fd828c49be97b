import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { backend } from "../../../scripts/rehearsal/github/git-server.ts";
import { close, listen } from "../../../scripts/rehearsal/tools/listening.ts";
import { git, gitText } from "../../lib/git/git.ts";
import { basicCredentials } from "../../lib/gitops/remote.ts";

/** A bare repository behind git's own HTTP backend, for tests. */
export interface TestRemote extends AsyncDisposable {
  /** The server, as GITHUB_SERVER_URL names it; the repository is `demo/platform`. */
  readonly server: string;
  /** The bare repository's folder. */
  readonly folder: string;
  /** `METHOD path` of each request that git made. */
  readonly requests: string[];
  /** Called before each request that matches; for what happens meanwhile. */
  before: ((request: string) => Promise<void>) | undefined;
  /** Requests that get this status and these headers for an answer; `reset` breaks the connection. */
  refuse: ((request: string) => { status: number; headers?: Record<string, string> } | "reset" | undefined) | undefined;
  /** Requests that are carried out, but whose answer never arrives whole. */
  loseAnswer: ((request: string) => boolean) | undefined;
  /** Puts a person's commit (or several alike) on the branch; `null` removes a file. @returns the last commit */
  edit(
    files: Record<string, string | null>,
    options?: { branch?: string; parent?: string; times?: number },
  ): Promise<string>;
  /** Puts a hook into the repository; shell text. */
  hook(name: "pre-receive" | "update", script: string): Promise<void>;
  /** A file's text on the branch. */
  read(path: string, revision?: string): Promise<string>;
  /** What `git <args>` prints in the bare repository. */
  git(...args: string[]): Promise<string>;
}

/** Starts a server that takes only `token`, with an empty repository whose branch is main. */
export async function startTestRemote(token: string): Promise<TestRemote> {
  const root = await mkdtemp(join(tmpdir(), "slipway-test-"));
  const folder = join(root, "demo", "platform.git");
  await mkdir(dirname(folder), { recursive: true });
  const bare = (args: string[]) => gitText(folder, args);
  await git(root, ["init", "-q", "--bare", "-b", "main", folder]);
  // As GitHub: partial clones, any commit by its id, and no forced pushes to main's history by accident.
  for (const name of ["uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant", "http.receivepack"])
    await bare(["config", name, "true"]);

  const requests: string[] = [];
  const server = createServer((request, response) => {
    const name = `${request.method} ${request.url}`;
    requests.push(name);
    if (request.headers.authorization !== `basic ${basicCredentials(token)}`) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end();
      return;
    }
    const refusal = remote.refuse?.(name);
    if (refusal === "reset") {
      response.destroy();
      return;
    }
    if (refusal) {
      response.writeHead(refusal.status, refusal.headers).end();
      return;
    }
    if (remote.loseAnswer?.(name)) response.end = () => response.destroy();
    const before = remote.before?.(name) ?? Promise.resolve();
    const carryOut = () =>
      backend(request, response, {
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: "1",
        REMOTE_USER: "writer",
        PATH_INFO: request.url?.split("?")[0],
        QUERY_STRING: request.url?.split("?")[1] ?? "",
      });
    before.then(carryOut).catch((error: unknown) => response.destroy(new Error(String(error))));
  });
  const port = await listen(server);

  const remote: TestRemote = {
    server: `http://127.0.0.1:${port}`,
    folder,
    requests,
    before: undefined,
    refuse: undefined,
    loseAnswer: undefined,
    async edit(files, { branch = "main", parent = `refs/heads/${branch}`, times = 1 } = {}) {
      const exists = await bare(["rev-parse", "--verify", "-q", `${parent}^{commit}`]).catch(() => "");
      const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
      const changes = Object.entries(files).map(([path, text]) =>
        text === null ? `D ${path}\n` : `M 100644 inline ${path}\n${data(text)}`,
      );
      const commits = Array.from({ length: times }, (_, index) => [
        `commit refs/heads/${branch}\ncommitter A person <person@example.org> ${1_700_000_000 + index} +0000\n`,
        data("Edit"),
        index === 0 && exists ? `from ${exists}\n` : "",
        ...changes,
      ]);
      const args = ["fast-import", "--quiet", "--force", "--done", "--date-format=raw"];
      await git(folder, args, { input: [...commits.flat(), "done\n"].join("") });
      return bare(["rev-parse", `refs/heads/${branch}`]);
    },
    async hook(name, script) {
      await mkdir(join(folder, "hooks"), { recursive: true });
      await writeFile(join(folder, "hooks", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    },
    read: (path, revision = "main") => bare(["cat-file", "blob", `${revision}:${path}`]),
    git: (...args) => bare(args),
    async [Symbol.asyncDispose]() {
      await close(server);
      await rm(root, { recursive: true, force: true });
    },
  };
  return remote;
}
