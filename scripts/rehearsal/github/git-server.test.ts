import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { git, gitText } from "../../../actions/lib/git/git.ts";
import { type GitServer, type Push, startGitServer } from "./git-server.ts";

const tokens = { person: "person-token", bot: "bot-token" };
let folder = "";
let server: GitServer;
let pushes: Push[] = [];

const withToken = (token: string) => ({
  env: {
    ...process.env,
    GIT_TERMINAL_PROMPT: "0",
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `http.${server.endpoint}/.extraheader`,
    GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`,
  },
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-test-"));
  pushes = [];
  server = await startGitServer({
    folder: join(folder, "server"),
    repository: "slipway/rehearsal",
    branch: "main",
    tokens,
    onPush: async (push) => {
      pushes.push(push);
      push.say("first line");
      await sleep(50);
      push.say("last line");
    },
  });
  const work = join(folder, "work");
  await git(folder, ["init", "--quiet", "--initial-branch=main", "work"]);
  await writeFile(join(work, "a"), "1\n");
  await git(work, ["add", "."]);
  await git(work, ["-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", "first"]);
  await git(work, ["remote", "add", "origin", server.url]);
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

it("takes a push, says who pushed what, and prints what is said", async () => {
  const work = join(folder, "work");
  const { stderr } = await git(work, ["push", "origin", "main"], withToken(tokens.person));
  expect(stderr).toMatch(/remote: first line\s*\n\s*remote: last line/);
  const head = await gitText(work, ["rev-parse", "HEAD"]);
  expect(pushes).toMatchObject([
    { pusher: "person", updates: [{ before: "0".repeat(40), after: head, ref: "refs/heads/main" }] },
  ]);
  expect(await gitText(server.directory, ["rev-parse", "main"])).toBe(head);
});

it("knows the bot by its token", async () => {
  await git(join(folder, "work"), ["push", "origin", "main"], withToken(tokens.bot));
  expect(pushes.map((push) => push.pusher)).toEqual(["bot"]);
});

it("refuses a push without a token or with a wrong one, and lets everybody read", async () => {
  const work = join(folder, "work");
  await expect(git(work, ["push", "origin", "main"], withToken("bot-tokem"))).rejects.toThrow();
  const anonymous = { env: { ...process.env, GIT_TERMINAL_PROMPT: "0" } };
  await expect(git(work, ["push", "origin", "main"], anonymous)).rejects.toThrow();
  expect(pushes).toEqual([]);
  await git(work, ["push", "origin", "main"], withToken(tokens.person));
  await git(folder, ["clone", "--quiet", "--depth=1", "--filter=blob:none", server.url, "copy"], anonymous);
  expect(await gitText(join(folder, "copy"), ["log", "--format=%s"])).toBe("first");
});

it("answers only for its own repository, and takes no report from others than its hook", async () => {
  expect((await fetch(`${server.endpoint}/slipway/other.git/info/refs?service=git-upload-pack`)).status).toBe(404);
  expect(
    (await fetch(`${server.endpoint}/-/post-receive`, { method: "POST", body: "a b refs/heads/main\n" })).status,
  ).toBe(403);
  expect(pushes).toEqual([]);
});
