import { describe, expect, it } from "vitest";
import { git } from "../git.ts";
import { temporaryRepository } from "../test-repository.ts";
import { basicCredentials, gitEnvironment, remoteFromEnvironment } from "./remote.ts";

const job = { GITHUB_SERVER_URL: "https://github.example", GITHUB_REPOSITORY: "shop/platform" };

/** The settings that git would take from an environment. */
function settings(env: NodeJS.ProcessEnv): [string | undefined, string | undefined][] {
  return Array.from({ length: Number(env.GIT_CONFIG_COUNT) }, (_, index) => [
    env[`GIT_CONFIG_KEY_${index}`],
    env[`GIT_CONFIG_VALUE_${index}`],
  ]);
}

describe("remoteFromEnvironment", () => {
  it("names the job's repository, and hands the token to that server only", async () => {
    const remote = await remoteFromEnvironment({ branch: "main", token: "secret", directory: "." }, job);
    expect(remote.url).toBe("https://github.example/shop/platform.git");
    expect(settings(remote.env)).toContainEqual([
      "http.https://github.example/.extraheader",
      `AUTHORIZATION: basic ${basicCredentials("secret")}`,
    ]);
    expect(remote.url).not.toContain("secret");
  });

  it("sends no header without a token", async () => {
    const remote = await remoteFromEnvironment({ branch: "main", directory: "." }, job);
    expect(settings(remote.env).map(([name]) => name)).not.toContainEqual(expect.stringContaining("extraheader"));
  });

  it("takes the checkout's origin outside of a job", async () => {
    await using checkout = await temporaryRepository();
    const options = { branch: "main", directory: checkout.path };
    await expect(remoteFromEnvironment(options, process.env)).rejects.toThrow(/no remote "origin"/);
    await git(checkout.path, ["remote", "add", "origin", "https://github.example/shop/other.git"]);
    const { GITHUB_SERVER_URL: _, ...local } = process.env;
    expect((await remoteFromEnvironment(options, local)).url).toBe("https://github.example/shop/other.git");
  });
});

describe("gitEnvironment", () => {
  it("adds to the settings that are there", () => {
    const before = { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "url.a.insteadOf", GIT_CONFIG_VALUE_0: "b" };
    expect(settings(gitEnvironment([["core.bare", "true"]], before))).toEqual([
      ["url.a.insteadOf", "b"],
      ["core.bare", "true"],
    ]);
  });

  it("forgets the repository whose hook started us", () => {
    const env = gitEnvironment([], { GIT_DIR: "/x", GIT_INDEX_FILE: "/y", GIT_QUARANTINE_PATH: "/z", HOME: "/home" });
    expect(Object.keys(env).sort()).toEqual(["GIT_CONFIG_COUNT", "GIT_TERMINAL_PROMPT", "HOME", "LC_ALL"]);
  });
});
