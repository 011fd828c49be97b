import type { CheckResult } from "../../actions/lib/doctor/finding.ts";
import type { GitHubCheck } from "./finding.ts";

/** The branch that delivers is there, and somebody protects it: whoever may push to it delivers. */
export const branch: GitHubCheck = {
  id: "github-branch",
  title: "the branch that delivers",
  needsBootstrap: true,
  async look({ config, github }) {
    const { repository, branch: name, release } = config.git;
    const found = await github.branch(name);
    if (!found)
      return [
        {
          level: "blocks",
          says: `GitHub has no branch "${name}" in ${repository}, so nothing is ever delivered.`,
          next: 'Push it, or name another one under "git.branch" in slipway.yaml.',
        },
      ];
    if (found.protected) return [{ level: "ok", says: `The branch "${name}" is protected.` }];
    return [
      {
        level: "advice",
        says: `Nothing protects the branch "${name}": everyone who may write to the repository can deliver, and rewrite it.`,
        next:
          `Add a ruleset at https://github.com/${repository}/settings/rules that forbids deletions and force pushes` +
          (release === "pull-request"
            ? ', and asks for a pull request with the check "Checked" (no other: "Delivered" never runs in one).'
            : '; one that asks for pull requests needs "git.release: pull-request" in slipway.yaml.') +
          " Rules of private repositories take GitHub Pro, Team or Enterprise: .github/PROTECTION.md.",
      },
    ];
  },
};

/** Jobs of deliver.yml, which no pull request starts: a check of theirs never comes there. */
const neverOnPullRequests = ["Plan", "Registry", "Infra", "Release", "Verify", "Report", "Delivered"];

/** What rules keep a run from pushing a release commit, by their types. */
const keepsRunsOut: Readonly<Record<string, string>> = {
  pull_request: "asks for a pull request",
  required_status_checks: "asks for checks before a commit is on it",
  update: "lets nobody push",
};

/** The branch's rules let a release in. */
export const branchRules: GitHubCheck = {
  id: "github-release",
  title: "whether the branch takes releases",
  explains: /GH006|GH013|protected branch|rule violations/i,
  async look({ config, github }) {
    const { repository, branch: name, release } = config.git;
    const found = await github.branch(name);
    if (!found) return [];
    const address = `https://github.com/${repository}/settings/rules`;
    const problems: CheckResult[] = [];
    if (found.rules.includes("required_signatures"))
      problems.push({
        level: "blocks",
        says: `A rule of "${name}" asks for signed commits, and nobody signs a release.`,
        next: `Take the rule away at ${address}.`,
      });
    const kept = found.rules.filter((rule) => release === "push" && keepsRunsOut[rule]);
    if (kept.length > 0)
      problems.push({
        level: "blocks",
        says: `A rule of "${name}" ${kept.map((rule) => keepsRunsOut[rule]).join(" and ")}, and a release is pushed.`,
        next: `Write "release: pull-request" under "git" in slipway.yaml, or change the rule at ${address}.`,
      });
    const never = found.checks.filter((check) => neverOnPullRequests.includes(check));
    if (never.length > 0)
      problems.push({
        level: release === "pull-request" ? "blocks" : "advice",
        says: `"${name}" asks for ${never.join(", ")} before a pull request is merged, and these run only after it.`,
        next: `Ask for "Checked" instead, at ${address}.`,
      });
    return problems.length > 0 ? problems : [{ level: "ok", says: `"${name}" takes releases.` }];
  },
};
