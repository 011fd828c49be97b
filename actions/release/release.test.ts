import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type GitHubServer, startGitHub } from "../../scripts/rehearsal/github/github.ts";
import { git } from "../lib/git/git.ts";
import { overlayPaths } from "../lib/gitops/paths.ts";
import { basicCredentials } from "../lib/gitops/remote.ts";
import { startTestRemote, type TestRemote } from "../testing/gitops/remote.ts";
import { discoverImages } from "../lib/images/image.ts";
import { describeRelease, type ReleaseJob, type ReleaseRegistry, release, releaseSummary } from "./release.ts";
import { type TestRepository, temporaryRepository } from "../testing/repository.ts";

const token = "ghs_0123456789abcdefghij";
const digest = `sha256:${"ab".repeat(32)}`;
let server: TestRemote;
let github: GitHubServer;
let checkout: TestRepository;

beforeEach(async () => {
  server = await startTestRemote(token);
  github = await startGitHub({ repository: "demo/platform", token, gitDirectory: server.folder });
  checkout = await temporaryRepository();
  await server.edit({
    "apps/guests/api/Dockerfile": "FROM nginx:1.28.0-bookworm\nCOPY apps/guests/api /\n",
    "apps/guests/api/Dockerfile.dockerignore": "*\n!apps/guests/api\n",
    [overlayPaths("guests", "dev").overlay]: "components: [images]\n",
  });
  await pull();
  vi.stubEnv("GITHUB_SERVER_URL", server.server);
  vi.stubEnv("GITHUB_API_URL", github.endpoint);
  vi.stubEnv("GITHUB_REPOSITORY", "demo/platform");
  vi.stubEnv("GITHUB_RUN_ID", "7");
  vi.stubEnv("GIT_TRACE", join(checkout.path, ".git", "trace"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all([server, github, checkout].map((each) => each[Symbol.asyncDispose]()));
});

/** Brings the branch's last commit to the checkout. */
async function pull(): Promise<void> {
  await git(checkout.path, ["fetch", "-q", server.folder, "main"]);
  await git(checkout.path, ["checkout", "-q", "--detach", "FETCH_HEAD"]);
}

/** A registry that holds the given images, whatever their keys. */
function registryOf(...names: string[]): ReleaseRegistry {
  return {
    find: async (images) =>
      new Map(
        images
          .filter(({ name }) => names.includes(name))
          .map((each) => [each.name, { ...each, digest, size: 1, pushedAt: new Date(0) }]),
      ),
    repositoryUri: (name) => `123456789012.dkr.ecr.us-east-1.amazonaws.com/demo/${name}`,
  };
}

const job = (more: Partial<ReleaseJob> = {}): ReleaseJob => ({
  directory: checkout.path,
  environment: "dev",
  branch: "main",
  mode: "push",
  token,
  registry: registryOf("guests-api"),
  log: () => {},
  ...more,
});

describe("release", () => {
  it("releases what the checkout's commit holds under the keys that the registry was asked for", async () => {
    const result = await release(job());
    expect(result.result).toBe("released");
    expect(await server.read(overlayPaths("guests", "dev").images)).toContain(digest);
    expect(await server.git("log", "-1", "--format=%(trailers:key=Run,valueonly)", "main")).toContain(
      "/actions/runs/7",
    );
    const [image] = await discoverImages(checkout.path);
    expect(result.images).toEqual([
      { name: "guests-api", app: "guests", key: image?.key, before: undefined, after: digest, state: "changed" },
    ]);
    expect(releaseSummary(result, "dev")).toContain("| guests-api |  | `sha256:abababababab` | changed |");
  });

  it("releases what was built for the month that the run's plan gave", async () => {
    const [image] = await discoverImages(checkout.path, "HEAD", process.env, { period: "2026-11" });
    expect(image?.key).not.toBe((await discoverImages(checkout.path))[0]?.key);
    const result = await release(job({ keys: { period: "2026-11" } }));
    expect(result.images).toMatchObject([{ key: image?.key }]);
  });

  it("puts the token into no git process's arguments", async () => {
    await release(job());
    const trace = await readFile(join(checkout.path, ".git", "trace"), "utf8");
    expect(trace).toContain("push");
    expect(trace).toContain("remote-http");
    expect(trace).not.toContain(token);
    expect(trace).not.toContain(basicCredentials(token));
  });

  it("names an image that is not in the registry, with its key", async () => {
    const [image] = await discoverImages(checkout.path);
    await expect(release(job({ registry: registryOf() }))).rejects.toThrow(`demo/guests-api:${image?.key}`);
  });

  it("keeps one pull request up to date where the branch is protected", async () => {
    const first = await release(job({ mode: "pull-request" }));
    const second = await release(job({ mode: "pull-request" }));
    expect(first.pullRequest).toMatchObject({ number: 1, created: true });
    expect(second.pullRequest).toMatchObject({ number: 1, created: false });
    expect(github.state.pulls).toMatchObject([
      {
        head: "slipway/release-dev",
        base: "main",
        title: expect.stringMatching(/^Release to dev: guests-api [0-9a-f]{7}$/),
      },
    ]);
    expect(github.state.pulls[0]?.body).toContain("| guests-api |");
    expect(github.state.pulls[0]?.body, "GitHub starts no check by itself").toContain("Approve workflows to run");
    expect(describeRelease(first, "dev")).toContain("pull request #1 (https://github.com/demo/platform/pull/1)");
    expect(describeRelease(first, "dev")).toContain("Once it is merged, run the workflow deliver by hand");
    expect(github.violations).toEqual([]);
  });
});
