import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type GitHubServer, startGitHub } from "../../../scripts/rehearsal/github/github.ts";
import { codeBlock, joined, safe, type Markdown } from "../core/markdown.ts";
import { type GitHub, openGitHub, repositoryFromEnvironment } from "./github.ts";
import { bodyLimit, cutBody } from "./client.ts";

const repository = { owner: "demo", repo: "platform" };
let server: GitHubServer;
let github: GitHub;

beforeAll(async () => {
  server = await startGitHub({ repository: "demo/platform", token: "job-token" });
  vi.stubEnv("GITHUB_API_URL", server.endpoint);
  github = await openGitHub("job-token", repository);
});
afterEach(() => {
  server.state.pulls.length = 0;
  server.state.issues.length = 0;
  server.state.comments.length = 0;
  server.violations.length = 0;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.stop();
});

const pull = { title: "One", body: safe`text`, head: "slipway/release-dev", base: "main" };

describe("upsertPullRequest", () => {
  it("opens one, then keeps that one up to date", async () => {
    const first = await github.upsertPullRequest(pull);
    const second = await github.upsertPullRequest({ ...pull, title: "Two" });
    expect(first).toEqual({ number: 1, url: "https://github.com/demo/platform/pull/1", created: true });
    expect(second).toEqual({ ...first, created: false });
    expect(server.state.pulls.map((each) => each.title)).toEqual(["Two"]);
    expect(server.violations).toEqual([]);
  });

  it("opens a new one when the last is closed", async () => {
    await github.upsertPullRequest(pull);
    server.state.pulls[0] = { ...pull, number: 1, state: "closed" };
    expect(await github.upsertPullRequest(pull)).toMatchObject({ number: 2, created: true });
  });
});

describe("upsertComment", () => {
  it("keeps one comment per marker, also behind a hundred others", async () => {
    const { number } = await github.upsertPullRequest(pull);
    for (let id = 1; id <= 130; id += 1) server.state.comments.push({ id, issue: number, body: `talk ${id}` });
    const made = await github.upsertComment(number, "slipway-plan-dev", safe`first`);
    const kept = await github.upsertComment(number, "slipway-plan-dev", safe`second`);
    await github.upsertComment(number, "slipway-plan-prod", safe`other`);
    expect(kept).toEqual(made);
    expect(server.state.comments).toHaveLength(132);
    expect(server.state.comments[130]?.body).toBe("<!-- slipway-plan-dev -->\nsecond");
    expect(server.violations).toEqual([]);
  });

  it("cuts what GitHub would refuse", async () => {
    const lines = joined(Array<Markdown>(20_000).fill(safe`a line`), "\n");
    const { number } = await github.upsertPullRequest(pull);
    await github.upsertComment(number, "slipway-plan-dev", lines);
    expect(server.state.comments[0]?.body.length).toBeLessThan(bodyLimit);
    expect(server.state.comments[0]?.body).toContain("The whole text is in the job summary");
  });

  it("leaves a comment alone that somebody else has marked as ours", async () => {
    const { number } = await github.upsertPullRequest(pull);
    const body = "<!-- slipway-plan-dev -->\nmine";
    server.state.comments.push({ id: 1, issue: number, body, author: "passer-by" });
    for (const text of [safe`first`, safe`second`]) await github.upsertComment(number, "slipway-plan-dev", text);
    expect(server.state.comments.map((comment) => comment.body)).toEqual([body, "<!-- slipway-plan-dev -->\nsecond"]);
    expect(server.violations).toEqual([]);
  });

  it("says which permission may be missing", async () => {
    const stranger = await openGitHub("other-token", repository);
    await expect(stranger.upsertComment(1, "mark", safe`text`)).rejects.toMatchObject({
      message: expect.stringMatching(/comment on #1: GitHub answered 401/),
      next: expect.stringContaining("pull-requests: write"),
    });
    expect(server.violations).toHaveLength(1);
  });
});

describe("issues", () => {
  const marker = "slipway-lease-dev";
  const issue = { title: "dev ends on 2026-12-01", body: safe`in two days`, label: "lease" };
  const said = () => server.state.issues.map(({ state, body }) => [state, body]);

  it("keeps one per marker, among others and behind a hundred closed ones", async () => {
    await github.upsertPullRequest(pull);
    const first = await github.upsertIssue(marker, issue);
    await github.upsertIssue("slipway-lease-prod", { ...issue, title: "prod ends" });
    for (let number = 10; number < 130; number += 1)
      server.state.issues.push({ ...issue, number, labels: ["lease"], state: "closed" });
    expect(first).toEqual({ number: 2, url: "https://github.com/demo/platform/issues/2" });
    expect(await github.upsertIssue(marker, { ...issue, body: safe`in one day` })).toEqual(first);
    expect(server.state.issues).toHaveLength(122);
    expect(server.state.issues[0]).toMatchObject({ body: "<!-- slipway-lease-dev -->\nin one day", labels: ["lease"] });
    expect(server.violations).toEqual([]);
  });

  it("writes nothing when nothing is new, and leaves what a person has closed closed until there is", async () => {
    await github.upsertIssue(marker, issue);
    const [made] = server.state.issues;
    if (!made) throw new Error("There is no issue.");
    Object.freeze(made);
    await github.upsertIssue(marker, issue);
    server.state.issues[0] = { ...made, state: "closed" };
    await github.upsertIssue(marker, issue);
    expect(said()).toEqual([["closed", "<!-- slipway-lease-dev -->\nin two days"]]);
    await github.upsertIssue(marker, { ...issue, body: safe`it has ended` });
    expect(said().map(([state]) => state)).toEqual(["closed", "open"]);
    expect(server.violations).toEqual([]);
  });

  it("leaves an issue alone that somebody else has marked as ours", async () => {
    const body = `<!-- ${marker} -->\nmine`;
    server.state.issues.push({ ...issue, body, number: 7, labels: ["lease"], state: "open", author: "passer-by" });
    await github.upsertIssue(marker, issue);
    await github.closeIssue(marker, "lease", safe`prolonged`);
    expect(said()).toEqual([
      ["open", body],
      ["closed", "<!-- slipway-lease-dev -->\nprolonged"],
    ]);
    expect(server.violations).toEqual([]);
  });

  it("closes with a last word, once, and opens another one for the next time", async () => {
    expect(await github.closeIssue(marker, "lease", safe`prolonged`)).toBeUndefined();
    await github.upsertIssue(marker, issue);
    expect(await github.closeIssue(marker, "lease", safe`prolonged`)).toMatchObject({ number: 1 });
    expect(await github.closeIssue(marker, "lease", safe`prolonged`)).toBeUndefined();
    expect(await github.upsertIssue(marker, issue)).toMatchObject({ number: 2 });
    expect(said()[0]).toEqual(["closed", "<!-- slipway-lease-dev -->\nprolonged"]);
    expect(server.violations).toEqual([]);
  });

  it("says which permission may be missing", async () => {
    const stranger = await openGitHub("other-token", repository);
    await expect(stranger.upsertIssue(marker, issue)).rejects.toMatchObject({
      message: expect.stringContaining('The issue "dev ends on 2026-12-01": GitHub answered 401'),
      next: expect.stringContaining("issues: write"),
    });
  });
});

describe("deployments", () => {
  const to = (environment: string, commit = "c".repeat(40)) =>
    github.createDeployment({ commit, environment, description: "guests" });

  it("says how a release goes, and makes what was there before inactive", async () => {
    const before = await to("dev");
    await github.setDeploymentStatus(before, { state: "success", description: "live" });
    const elsewhere = await to("prod");
    await github.setDeploymentStatus(elsewhere, { state: "success", description: "live" });
    const next = await to("dev");
    const logUrl = "https://github.com/demo/platform/actions/runs/7";
    await github.setDeploymentStatus(next, { state: "in_progress", description: "d".repeat(200), logUrl });
    await github.setDeploymentStatus(next, {
      state: "success",
      description: "live",
      logUrl,
      environmentUrl: "http://demo.example.org",
    });
    const states = server.state.statuses.map(({ deployment, state, url, log }) => ({ deployment, state, url, log }));
    const none = { url: "", log: "" };
    expect(states).toEqual([
      { deployment: before, state: "success", ...none },
      { deployment: elsewhere, state: "success", ...none },
      { deployment: next, state: "in_progress", url: "", log: logUrl },
      { deployment: before, state: "inactive", ...none },
      { deployment: next, state: "success", url: "http://demo.example.org", log: logUrl },
    ]);
    expect(server.violations).toEqual([]);
  });

  it("says which permission may be missing", async () => {
    const stranger = await openGitHub("other-token", repository);
    await expect(
      stranger.createDeployment({ commit: "c".repeat(40), environment: "dev", description: "" }),
    ).rejects.toMatchObject({ next: expect.stringContaining("deployments: write") });
  });
});

describe("runHasEnded", () => {
  it.each([
    ["queued", false],
    ["in_progress", false],
    ["completed", true],
  ] as const)("%s: %s", async (status, ended) => {
    server.state.runs.set(7, { status, conclusion: null });
    expect(await github.runHasEnded(7)).toBe(ended);
    expect(server.violations).toEqual([]);
  });

  it("takes a run that GitHub has deleted as ended", async () => {
    expect(await github.runHasEnded(8)).toBe(true);
  });
});

describe("cutBody", () => {
  it("leaves a short body as it is", () => {
    expect(cutBody(safe`short`)).toBe("short");
  });

  it("closes a code block that it cuts through", () => {
    const cut = cutBody(codeBlock("line\n".repeat(20_000)));
    expect(cut.match(/^```/gm)).toHaveLength(2);
    expect(cut.length).toBeLessThan(bodyLimit);
  });
});

describe("repositoryFromEnvironment", () => {
  it("splits owner and name", () => {
    expect(repositoryFromEnvironment({ GITHUB_REPOSITORY: "demo/platform" })).toEqual(repository);
  });

  it.each([undefined, "", "demo", "demo/platform/more"])("refuses %j", (value) => {
    expect(() => repositoryFromEnvironment({ GITHUB_REPOSITORY: value })).toThrow(/not owner\/name/);
  });
});
