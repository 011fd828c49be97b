import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, request as forward } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { startGitServer } from "../../../scripts/rehearsal/github/git-server.ts";
import { newUser } from "../../../scripts/rehearsal/world/person.ts";
import { close, listen } from "../../../scripts/rehearsal/tools/listening.ts";
import { exists } from "../core/files.ts";
import { git, gitText } from "./git.ts";
import { digestOf, image, requestOf, appFiles } from "../../testing/gitops/release.ts";
import { overlayPaths } from "../gitops/paths.ts";
import { releaseToGit } from "../gitops/release.ts";
import { remoteFromEnvironment } from "../gitops/remote.ts";
import { startTestRemote } from "../../testing/gitops/remote.ts";
import { discoverImages } from "../images/image.ts";
import { materializeBuildContext } from "../context/materialize.ts";
import { commitFiles, temporaryRepository } from "../../testing/repository.ts";

/** A person's home whose git does everything in another way than git by itself, and says so when a program of it runs. */
let folder: string;
let ran: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-hostile-"));
  ran = join(folder, "ran");
  const program = join(folder, "program");
  await writeFile(program, `#!/bin/sh\necho "$0 $*" >>'${ran}'\nexit 1\n`);
  await chmod(program, 0o755);
  for (const hooks of ["hooks", "template/hooks"]) {
    await mkdir(join(folder, hooks), { recursive: true });
    for (const hook of [
      "pre-commit",
      "commit-msg",
      "post-checkout",
      "pre-push",
      "reference-transaction",
      "pre-auto-gc",
    ])
      await writeFile(join(folder, hooks, hook), await readFile(program), { mode: 0o755 });
  }
  await writeFile(join(folder, "attributes"), "* text eol=crlf\n");
  await writeFile(join(folder, "ignore"), "*.yaml\nDockerfile*\n");
  await writeFile(
    join(folder, ".gitconfig"),
    `[safe]\n bareRepository = explicit\n[http]\n extraHeader = Authorization: Basic b3RoZXI6b3RoZXI=\n
[core]\n fsmonitor = ${program}\n hooksPath = ${folder}/hooks\n autocrlf = true\n eol = crlf\n safecrlf = true\n quotePath = false
 pager = ${program}\n attributesFile = ${folder}/attributes\n excludesFile = ${folder}/ignore\n editor = ${program}
[commit]\n gpgSign = true\n[tag]\n gpgSign = true\n[push]\n gpgSign = true\n default = nothing\n followTags = true
[gpg]\n program = ${program}\n[init]\n templateDir = ${folder}/template\n defaultObjectFormat = sha256
 defaultRefFormat = reftable\n defaultBranch = other\n[pull]\n rebase = true\n ff = only\n[fetch]\n prune = true
 pruneTags = true\n recurseSubmodules = true\n[diff]\n external = ${program}\n noprefix = true\n mnemonicPrefix = true
[color]\n ui = always\n status = always\n[log]\n showSignature = true\n decorate = full\n[status]
 showUntrackedFiles = no\n short = true\n branch = true\n[clone]\n defaultRemoteName = upstream\n rejectShallow = true
[submodule]\n recurse = true\n[i18n]\n logOutputEncoding = ISO-8859-1\n commitEncoding = ISO-8859-1
[trace2]\n normalTarget = 2\n[format]\n pretty = fuller\n[gc]\n auto = 1\n[transfer]\n fsckObjects = true
[protocol]\n version = 1\n`,
  );
  const environment = {
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    GIT_DIR: join(folder, "no-repository"),
    GIT_WORK_TREE: folder,
    GIT_INDEX_FILE: join(folder, "no-index"),
    GIT_OBJECT_DIRECTORY: join(folder, "no-objects"),
    GIT_DEFAULT_HASH: "sha256",
    GIT_DEFAULT_REF_FORMAT: "reftable",
    GIT_TEMPLATE_DIR: join(folder, "template"),
    GIT_EXTERNAL_DIFF: program,
    GIT_PAGER: program,
    GIT_TRACE: "1",
    GIT_CURL_VERBOSE: "1",
    GIT_TRACE_PACKET: "1",
    GIT_LITERAL_PATHSPECS: "1",
    GIT_NAMESPACE: "elsewhere",
    GIT_CONFIG_PARAMETERS: "'core.bare'='true'",
    GIT_CONFIG_COUNT: "2",
    GIT_CONFIG_KEY_0: "core.worktree",
    GIT_CONFIG_VALUE_0: folder,
    GIT_CONFIG_KEY_1: "status.showUntrackedFiles",
    GIT_CONFIG_VALUE_1: "no",
    LANG: "de_DE.UTF-8",
    LANGUAGE: "de",
    LC_ALL: "de_DE.UTF-8",
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  const programs = (await exists(ran)) ? await readFile(ran, "utf8") : "";
  await rm(folder, { recursive: true, force: true });
  expect(programs).toBe("");
});

const component = {
  "apps/demo/api/Dockerfile": "FROM scratch\nCOPY apps/demo/api /\n",
  "apps/demo/api/Dockerfile.dockerignore": "*\n!apps/demo/api\n",
  "apps/demo/api/größe.txt": "one\ntwo\n",
};

it("gives the same content keys and build contexts", async () => {
  await using repository = await temporaryRepository();
  const commit = await commitFiles(repository.path, component);
  // What sha1 and these bytes come to, on every machine.
  expect(commit).toMatch(/^[0-9a-f]{40}$/);
  const [found] = await discoverImages(repository.path);
  expect(found).toMatchObject({ name: "demo-api" });
  const into = join(repository.path, ".git", "context");
  await materializeBuildContext(repository.path, found ?? expect.fail("no image"), "HEAD", into);
  expect(await readFile(join(into, "apps/demo/api/größe.txt"), "utf8")).toBe("one\ntwo\n");
  expect(await gitText(repository.path, ["log", "-1", "--format=%s"])).toBe("Change files");
  await writeFile(join(repository.path, "new.yaml"), "");
  await writeFile(join(repository.path, "new.txt"), "");
  expect(await gitText(repository.path, ["status", "--porcelain"])).toBe("?? new.txt");
  vi.unstubAllEnvs();
  expect(await discoverImages(repository.path)).toEqual([found]);
});

it("reads what a partial clone lacks", async () => {
  await using repository = await temporaryRepository();
  await commitFiles(repository.path, component);
  for (const name of ["uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"])
    await git(repository.path, ["config", name, "true"]);
  const clone = join(repository.path, ".git", "clone");
  await git(repository.path, [
    "clone",
    "-q",
    "--no-checkout",
    "--filter=blob:none",
    `file://${repository.path}`,
    clone,
  ]);
  expect(await discoverImages(clone)).toEqual(await discoverImages(repository.path));
});

it("releases, with the token as the one Authorization of each request", async () => {
  const token = "a-token-of-github";
  await using server = await startTestRemote(token);
  const authorizations: string[] = [];
  const proxy = createServer((incoming, response) => {
    const names = incoming.rawHeaders.filter((_, index) => index % 2 === 0);
    authorizations.push(`${names.filter((name) => name.toLowerCase() === "authorization").length}`);
    const onward = forward(`${server.server}${incoming.url}`, { method: incoming.method, headers: incoming.headers });
    onward.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onward);
  });
  const address = `http://127.0.0.1:${await listen(proxy)}`;
  try {
    // A person may have settings for this very server, and for this very repository.
    const more = [address, `${address}/demo/platform.git`].map(
      (url) => `[http "${url}"]\n extraHeader = Authorization: Basic YTpi\n`,
    );
    await writeFile(
      join(folder, ".gitconfig"),
      `${await readFile(join(folder, ".gitconfig"), "utf8")}${more.join("")}`,
    );
    vi.stubEnv("GITHUB_SERVER_URL", address);
    vi.stubEnv("GITHUB_REPOSITORY", "demo/platform");
    const source = await server.edit(appFiles("one"));
    const remote = await remoteFromEnvironment({ branch: "main", token, directory: folder });
    const request = requestOf(source, image("one-api", "v1"));
    const outcome = await releaseToGit({ remote, request, findDigests: () => Promise.resolve(new Map()) });
    expect(outcome).toMatchObject({ result: "released", attempts: 1 });
    expect(await server.read(overlayPaths("one", "dev").images)).toContain(digestOf("v1"));
    expect(new Set(authorizations)).toEqual(new Set(["1"]));
  } finally {
    await close(proxy);
  }
});

it("takes a push in the rehearsal's repository, from the person's clone", async () => {
  await using repository = await temporaryRepository();
  const root = join(import.meta.dirname, "../../..");
  await commitFiles(repository.path, {
    "slipway.yaml": await readFile(join(root, "slipway.yaml"), "utf8"),
    "gitops/bootstrap/settings/repository.yaml": await readFile(
      join(root, "gitops/bootstrap/settings/repository.yaml"),
      "utf8",
    ),
  });
  const pushes: string[] = [];
  const tokens = { person: "p".repeat(40), bot: "b".repeat(40) };
  await using server = await startGitServer({
    folder: join(folder, "server"),
    repository: "slipway/rehearsal",
    branch: "main",
    tokens,
    onPush: async ({ pusher, say }) => {
      pushes.push(pusher);
      say("told");
    },
  });
  const settings = { account: "000000000000", repository: "slipway/rehearsal", branch: "main" };
  const person = await newUser(repository.path, join(folder, "clone"), server, tokens.person, settings, process.env);
  const lines: string[] = [];
  await person.push((line) => lines.push(line));
  expect(pushes).toEqual(["person"]);
  expect(lines.join("\n")).toContain("told");
  await person.pull();
  expect(await gitText(server.directory, ["rev-parse", "main"])).toBe(
    await gitText(person.directory, ["rev-parse", "HEAD"]),
  );
});
