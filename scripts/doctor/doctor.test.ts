import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { parseConfig } from "../../actions/lib/config/config.ts";
import { type GitHubServer, startGitHub } from "../rehearsal/github/github.ts";
import type { EnvironmentState } from "../rehearsal/github/github-state.ts";
import { examine, isWell } from "../../actions/lib/doctor/examine.ts";
import { branch } from "./branch.ts";
import { describe as tell } from "./describe.ts";
import { environments } from "./environments.ts";
import { findToken, type GitHubSettings, openSettings } from "./github-settings.ts";

const repository = "your-name/slipway";
const config = parseConfig(await readFile(join(import.meta.dirname, "../../slipway.yaml"), "utf8"));

let github: GitHubServer;
beforeAll(async () => {
  github = await startGitHub({ repository, token: "good" });
});
afterAll(() => github.stop());
beforeEach(() => {
  vi.stubEnv("GITHUB_API_URL", github.endpoint);
});
afterEach(() => {
  vi.unstubAllEnvs();
  github.state.environments.clear();
  github.state.branches.clear();
  expect(github.violations.splice(0)).toEqual([]);
});

/** What the checks of environments and of the branch find. */
async function examined(settings: GitHubSettings) {
  return examine([environments, branch], { config, github: settings, before: "delivery" });
}

/** What is found with these settings: level and sentence of each. */
async function found(environment?: EnvironmentState, state = { protected: true, rules: [] as string[] }) {
  if (environment) github.state.environments.set("dev", environment);
  github.state.branches.set("main", state);
  const findings = await examined(openSettings(repository, "good"));
  return { findings, levels: findings.map(({ level, says }) => `${level}: ${says}`), well: isWell(findings) };
}

const main = { name: "main", type: "branch" as const };

test("a protected environment and branch are well", async () => {
  const { levels, well } = await found({ allowed: [main], reviewed: true });
  expect(levels).toEqual(['ok: Only "main" may use the environment "dev".', 'ok: The branch "main" is protected.']);
  expect(well).toBe(true);
});

test("an environment that is not there is missing, with the commands that make it", async () => {
  const { findings, well } = await found();
  expect(findings[0]).toMatchObject({
    check: "github-environments",
    level: "unprotected",
    says: 'GitHub has no environment "dev": its first use makes it, and any branch may use it then.',
    next: expect.stringMatching(
      /gh api -X PUT repos\/your-name\/slipway\/environments\/dev .*GitHub Pro, Team or Enterprise/,
    ),
  });
  expect(well).toBe(false);
});

test.each<[EnvironmentState["allowed"], RegExp]>([
  ["all", /Every branch may use/],
  [[], /No branch may use/],
  [[{ name: "release/*", type: "branch" }], /More than "main" may use .*: branch release\/\*\./],
  [[main, { name: "*", type: "branch" }], /More than "main" may use .*: branch \*\./],
  [[main, { name: "main", type: "tag" }], /More than "main" may use .*: tag main\./],
  [[...Array.from({ length: 30 }, () => main), { name: "main*", type: "branch" }], /More than "main" may use/],
])("an environment that %o may use is not protected", async (allowed, says) => {
  const { findings, well } = await found({ allowed, reviewed: true });
  expect(findings[0]).toMatchObject({
    level: allowed.length === 0 ? "blocks" : "unprotected",
    says: expect.stringMatching(says),
  });
  expect(well).toBe(false);
});

test("protected branches only are enough where the branch is one, by a rule or a ruleset", async () => {
  const environment = { allowed: "protected", reviewed: true } as const;
  expect((await found(environment)).well).toBe(true);
  expect((await found(environment, { protected: false, rules: ["non_fast_forward"] })).well).toBe(true);
  const { levels, well } = await found(environment, { protected: false, rules: [] });
  expect(levels[0]).toBe(
    'unprotected: Protected branches may use the environment "dev", and "main" is not one of them.',
  );
  expect(well).toBe(false);
});

test("reviewers and an unprotected branch are advised, and their lack is not a failure", async () => {
  const { findings, levels, well } = await found({ allowed: [main], reviewed: false }, { protected: false, rules: [] });
  expect(levels).toEqual([
    'ok: Only "main" may use the environment "dev".',
    'advice: Nobody has to approve a job of the environment "dev".',
    expect.stringMatching(/^advice: Nothing protects the branch "main"/),
  ]);
  expect(well).toBe(true);
  expect(findings.at(-1)?.next, "what the plan allows").toMatch(
    /private repositories take GitHub Pro, Team or Enterprise/,
  );
});

test("a branch that is not there is missing", async () => {
  github.state.environments.set("dev", { allowed: [main], reviewed: true });
  const findings = await examined(openSettings(repository, "good"));
  expect(findings.at(-1)).toMatchObject({ check: "github-branch", level: "blocks" });
});

test("what cannot be looked at says why and how, and is neither well nor wrong", async () => {
  const findings = await examined(openSettings(repository, undefined));
  expect(findings.map(({ level }) => level)).toEqual(["not-looked-at", "not-looked-at"]);
  expect(isWell(findings)).toBe(true);
  expect(tell(findings).match(/gh auth login/g)).toHaveLength(1);
});

test("a token that GitHub refuses, or that does not see the repository, is not taken for a missing environment", async () => {
  for (const settings of [openSettings(repository, "bad"), openSettings("someone/else", "good")]) {
    const findings = await examined(settings);
    expect(findings.map(({ level }) => level)).toEqual(["not-looked-at", "not-looked-at"]);
    expect(tell(findings)).toContain("could not be read on GitHub");
  }
  expect(github.violations.splice(0)).toHaveLength(2);
});

test("a token comes from the environment, else from gh, else there is none", async () => {
  expect(await findToken({ GITHUB_TOKEN: "one", GH_TOKEN: "two" })).toBe("one");
  expect(await findToken({ GH_TOKEN: "two" })).toBe("two");
  expect(await findToken({ PATH: "/nowhere" })).toBeUndefined();
});
