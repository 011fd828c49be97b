import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type GitHubServer, startGitHub } from "../../scripts/rehearsal/github/github.ts";
import { type Config, parseConfig } from "../lib/config/config.ts";
import { type GitHub, openGitHub } from "../lib/github/github.ts";
import { endedLeases, endingLeases, leaseSummary, tellOfLeases, watchLeases } from "./watch.ts";
import { goneSince, receiptKey } from "../lib/receipt/saved.ts";
import { appliedKey } from "../lib/terraform/fingerprint.ts";
import { memoryStore } from "../testing/terraform/state-store.ts";

const text = await readFile(join(import.meta.dirname, "../../slipway.yaml"), "utf8");
const withLease = (lease: string) => parseConfig(`${text.trimEnd()}\n${lease && `    lease: ${lease}\n`}`);
const december = withLease('{ until: "2026-12-01", volumes: delete }');

const away = (since: string) => JSON.stringify({ away: { since, by: "a run" } });
const receipt = (clean: boolean, at: string) => JSON.stringify({ version: 1, clean, at });
const bucket = (note: string, found?: string) =>
  memoryStore({
    [appliedKey("environments/dev/terraform.tfstate")]: note,
    ...(found === undefined ? {} : { [receiptKey("dev")]: found }),
  });
const began = "2026-12-02T00:17:00.000Z";
const proven = "2026-12-02T01:00:00.000Z";
const gone = bucket(away(began), receipt(true, proven));

const watch = (now: string, config: Config = december, store = memoryStore()) =>
  watchLeases({ config, now: new Date(now), warnDays: 2, store });

describe("an environment is gone", () => {
  it.each([
    ["when a clean receipt is younger than its teardown's beginning", gone, proven],
    ["not while it is taken away", bucket(away(began)), undefined],
    [
      "not by the receipt of an earlier teardown",
      bucket(away(began), receipt(true, "2026-11-01T00:00:00Z")),
      undefined,
    ],
    ["not while something is left", bucket(away(began), receipt(false, proven)), undefined],
    ["not when it was applied again", bucket("{}", receipt(true, proven)), undefined],
    ["not by a receipt that cannot be read", bucket(away(began), "{"), undefined],
  ])("%s", async (_case, store, since) => {
    expect(await goneSince(store, december, "dev")).toBe(since);
  });
});

describe("what ends", () => {
  it.each([
    ["2026-11-29T23:00:00Z", memoryStore(), [], []],
    ["2026-11-30T00:00:00Z", memoryStore(), [], ["dev"]],
    ["2026-12-02T00:00:00Z", memoryStore(), ["dev"], []],
    ["2026-12-02T00:00:00Z", bucket(away(began)), ["dev"], []],
    ["2026-12-02T02:00:00Z", gone, [], []],
    ["2026-11-30T00:00:00Z", gone, [], []],
  ])("at %s: case %#", async (now, store, ended, ending) => {
    const leases = await watch(now, december, store);
    expect(endedLeases(leases)).toEqual(ended.map((environment) => ({ environment, volumes: "delete" })));
    expect(endingLeases(leases).map(({ environment }) => environment)).toEqual(ending);
  });

  it("is not guessed when the bucket cannot be read, and the bucket not asked without need", async () => {
    const read = () => Promise.reject(new Error("AccessDenied"));
    const store = { ...memoryStore(), read };
    await expect(watch("2026-12-02T00:00:00Z", december, store)).rejects.toThrow("AccessDenied");
    expect(await watch("2026-11-01T00:00:00Z", december, store)).toMatchObject([{ state: "running" }]);
    expect(await watch("2026-12-02T00:00:00Z", withLease(""), store)).toEqual([]);
  });

  it("is in the summary", async () => {
    expect(leaseSummary(await watch("2026-12-02T05:00:00Z"))).toContain(
      "| dev | 2026-12-01, 24:00 UTC | ended 5 h ago | delete | **is taken away** |",
    );
    expect(leaseSummary(await watch("2026-12-02T05:00:00Z", december, gone))).toContain(
      "gone since 2026-12-02 01:00 UTC |",
    );
    expect(leaseSummary([])).toContain("No environment has a lease");
  });
});

describe("the issue", () => {
  let server: GitHubServer;
  let github: GitHub;
  beforeAll(async () => {
    server = await startGitHub({ repository: "demo/platform", token: "job-token" });
    vi.stubEnv("GITHUB_API_URL", server.endpoint);
    vi.stubEnv("GITHUB_SERVER_URL", "https://github.com");
    vi.stubEnv("GITHUB_REPOSITORY", "demo/platform");
    github = await openGitHub("job-token", { owner: "demo", repo: "platform" });
  });
  beforeEach(() => {
    server.state.issues.length = 0;
    return () => expect(server.violations).toEqual([]);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await server.stop();
  });

  const tell = async (now: string, config = december, store = memoryStore()) =>
    tellOfLeases(github, config, await watch(now, config, store));
  const issues = () => server.state.issues.map(({ number, state, title }) => `#${number} ${state}: ${title}`);
  const lastBody = () => server.state.issues.at(-1)?.body;

  it("warns, says that it goes, and is closed when it is gone", async () => {
    await tell("2026-11-01T00:00:00Z");
    expect(issues()).toEqual([]);
    await tell("2026-11-30T00:00:00Z");
    expect(issues()).toEqual(["#1 open: The environment dev ends on 2026-12-01, 24:00 UTC"]);
    expect(lastBody()).toContain("./slipway lease dev --until 2026-12-09 ");
    expect(lastBody()).toContain("its volumes are deleted.");
    const warning = lastBody();
    await tell("2026-12-01T12:00:00Z");
    expect(lastBody()).toBe(warning);
    await tell("2026-12-02T00:17:00Z");
    expect(issues()).toEqual(["#1 open: The environment dev has ended and is taken away"]);
    expect(lastBody()).toContain("(https://github.com/demo/platform/actions/workflows/lease.yml)");
    await tell("2026-12-02T02:17:00Z", december, gone);
    expect(issues()).toEqual(["#1 closed: The environment dev has ended and is taken away"]);
    expect(lastBody()).toContain(`the receipt of ${proven} shows that nothing is left`);
  });

  it.each([
    ["prolonged", withLease("{ until: 2027-01-01 }"), "The lease of dev now ends on 2027-01-01, 24:00 UTC."],
    ["removed", withLease(""), "The environment dev has no lease any more: it stays."],
  ])("is closed when the lease is %s", async (_case, config, word) => {
    await tell("2026-12-01T00:00:00Z");
    await tell("2026-12-01T01:00:00Z", config);
    expect(issues()).toEqual([expect.stringMatching("#1 closed")]);
    expect(lastBody()).toContain(word);
  });

  it("warns again when a second end comes", async () => {
    await tell("2026-12-01T00:00:00Z");
    const later = withLease("{ until: 2027-01-01 }");
    await tell("2026-12-01T01:00:00Z", later);
    await tell("2026-12-31T00:00:00Z", later);
    expect(issues()).toEqual([
      "#1 closed: The environment dev ends on 2026-12-01, 24:00 UTC",
      "#2 open: The environment dev ends on 2027-01-01, 24:00 UTC",
    ]);
  });
});
