import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parseConfig } from "../../../actions/lib/config/config.ts";
import { git, gitText } from "../../../actions/lib/git/git.ts";
import { commitFiles, temporaryRepository } from "../../../actions/testing/repository.ts";
import { startGitServer } from "../github/git-server.ts";
import { commitAsNeighbour } from "../github/neighbour.ts";
import { newUser, withSettings } from "./person.ts";

it("sets in slipway.yaml what a new user sets, and keeps the rest with its comments", async () => {
  const text = await readFile(join(import.meta.dirname, "../../../slipway.yaml"), "utf8");
  const settings = { account: "012345678901", repository: "an-owner/a-name", branch: "trunk" };
  const changed = withSettings(text, settings, "x64");
  const named = parseConfig(withSettings(text, { ...settings, domain: "dev.example.test" }));
  expect(named.environments[named.deliver]?.domain).toBe("dev.example.test");
  const config = parseConfig(changed);
  expect(config.aws.account).toBe("012345678901");
  expect(config.git).toMatchObject({ repository: "an-owner/a-name", branch: "trunk" });
  const comments = (yaml: string) => yaml.match(/#.*/g) ?? [];
  expect(comments(changed)).toEqual(comments(text));
  expect({ ...config, aws: {}, git: {} }).toEqual({ ...parseConfig(text), aws: {}, git: {} });
  const onArm = parseConfig(withSettings(text, settings, "arm64"));
  expect(onArm.environments["dev"]?.cluster.nodes).toMatchObject({ architecture: "arm64", types: ["t4g.large"] });
});

describe("a person's clone after a delivery", () => {
  /** A person whose push was followed by a release commit on the branch. */
  async function afterDelivery() {
    const root = join(import.meta.dirname, "../../..");
    const source = await temporaryRepository();
    onTestFinished(() => source[Symbol.asyncDispose]());
    const files = ["slipway.yaml", "gitops/bootstrap/settings/repository.yaml"];
    const texts = await Promise.all(
      files.map(async (file) => [file, await readFile(join(root, file), "utf8")] as const),
    );
    await commitFiles(source.path, Object.fromEntries(texts));
    await git(source.path, ["branch", "--move", "somewhere-else"]);
    const server = await startGitServer({
      folder: join(source.path, ".git", "server"),
      repository: "slipway/rehearsal",
      branch: "main",
      tokens: { person: "p".repeat(40), bot: "b".repeat(40) },
      onPush: () => Promise.resolve(),
    });
    onTestFinished(() => server[Symbol.asyncDispose]());
    const settings = { account: "000000000000", repository: "slipway/rehearsal", branch: "main" };
    const folder = join(source.path, ".git", "clone");
    const person = await newUser(source.path, folder, server, "p".repeat(40), settings, process.env);
    await person.push(() => {});
    const release = await commitAsNeighbour(server, "main", "Release", "images.yaml", "images");
    const head = () => gitText(person.directory, ["rev-parse", "HEAD"]);
    return { person, server, release, head, before: await head() };
  }

  it("has the release commit, and the person's own git pushes the next one", async () => {
    const { person, server, release, head } = await afterDelivery();
    expect(await person.catchUp()).toContain("the release commit is in it");
    expect(await head()).toBe(release);
    expect(await person.catchUp()).toContain("up to date");
    await person.keepToken();
    expect(await readFile(join(person.directory, ".git", "config"), "utf8")).toContain("extraheader = AUTHORIZATION");
    await writeFile(join(person.directory, "new.txt"), "new");
    const commit = await person.commit("Change");
    await git(person.directory, ["push"]);
    expect(await gitText(server.directory, ["rev-parse", "main"])).toBe(commit);
  });

  it("is left alone where work is not committed, not on the branch, or elsewhere", async () => {
    const { person, release, head, before } = await afterDelivery();
    await person.edit("slipway.yaml", (text) => `${text}# mine\n`);
    expect(await person.catchUp()).toMatch(/not committed.*git pull --rebase/);
    expect(await head()).toBe(before);
    expect(await readFile(join(person.directory, "slipway.yaml"), "utf8")).toContain("# mine");
    const own = await person.commit("Own work");
    expect(await person.catchUp()).toMatch(/work that is not on main.*git pull --rebase/);
    expect(await head()).toBe(own);
    await git(person.directory, ["checkout", "-q", "-b", "idea"]);
    expect(await person.catchUp()).toMatch(/not on main.*git pull --rebase/);
    await git(person.directory, ["checkout", "-q", "main"]);
    await person.keepToken();
    await git(person.directory, ["pull", "-q", "--rebase"]);
    expect(await gitText(person.directory, ["rev-parse", "HEAD^"])).toBe(release);
  });
});
