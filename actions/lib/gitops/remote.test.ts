import { describe, expect, it } from "vitest";
import { git } from "../git/git.ts";
import { temporaryRepository } from "../../testing/repository.ts";
import { settingsIn } from "../git/environment.ts";
import { basicCredentials, remoteFromEnvironment } from "./remote.ts";

const job = { GITHUB_SERVER_URL: "https://github.example", GITHUB_REPOSITORY: "demo/platform" };

describe("remoteFromEnvironment", () => {
  it("names the job's repository, and hands the token to that server only", async () => {
    const remote = await remoteFromEnvironment({ branch: "main", token: "secret", directory: "." }, job);
    expect(remote.url).toBe("https://github.example/demo/platform.git");
    expect(settingsIn(remote.env)).toContainEqual([
      "http.https://github.example/.extraheader",
      `AUTHORIZATION: basic ${basicCredentials("secret")}`,
    ]);
    expect(remote.url).not.toContain("secret");
  });

  it("sends no header without a token", async () => {
    const remote = await remoteFromEnvironment({ branch: "main", directory: "." }, job);
    expect(settingsIn(remote.env).map(([name]) => name)).not.toContainEqual(expect.stringContaining("extraheader"));
  });

  it("takes the checkout's origin outside of a job", async () => {
    await using checkout = await temporaryRepository();
    const options = { branch: "main", directory: checkout.path };
    await expect(remoteFromEnvironment(options, process.env)).rejects.toThrow(/no remote "origin"/);
    await git(checkout.path, ["remote", "add", "origin", "https://github.example/demo/other.git"]);
    const { GITHUB_SERVER_URL: _, ...local } = process.env;
    expect((await remoteFromEnvironment(options, local)).url).toBe("https://github.example/demo/other.git");
  });
});
