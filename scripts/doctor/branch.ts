import type { Check } from "./finding.ts";

/** The branch that delivers is there, and somebody protects it: whoever may push to it delivers. */
export const branch: Check = {
  name: "github-branch",
  async look({ config, github }) {
    const { repository, branch: name, release } = config.git;
    const found = await github.branch(name);
    if (!found)
      return [
        {
          level: "missing",
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
            ? ', and asks for a pull request with the check "Checked".'
            : '; one that asks for pull requests needs "git.release: pull-request" in slipway.yaml.'),
      },
    ];
  },
};
