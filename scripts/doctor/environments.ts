import type { CheckResult, FindingLevel } from "../../actions/lib/doctor/finding.ts";
import type { GitHubCheck } from "./finding.ts";
import type { AllowedBranches } from "./github-settings.ts";

/**
 * Each environment of slipway.yaml has its own on GitHub, which only jobs of the delivering branch may use. One that is not
 * there is made by its first use, without any protection.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments
 */
export const environments: GitHubCheck = {
  id: "github-environments",
  title: "the environments on GitHub",
  needsBootstrap: true,
  async look({ config, github }) {
    const { repository, branch } = config.git;
    const findings: CheckResult[] = [];
    const branchIsProtected = async () => (await github.branch(branch))?.protected === true;
    for (const name of Object.keys(config.environments)) {
      const protect = `Allow only ${branch}: ${protectEnvironment(repository, name, branch)}`;
      const found = await github.environment(name);
      if (!found) {
        const says = `GitHub has no environment "${name}": its first use makes it, and any branch may use it then.`;
        findings.push({ level: "unprotected", says, next: `Make it. ${protect} (${plans})` });
        continue;
      }
      const [level, says] = judge(name, branch, found.allowed, await branchIsProtected());
      findings.push({ level, says, ...(level === "ok" ? {} : { next: protect }) });
      if (!found.reviewed)
        findings.push({
          level: "advice",
          says: `Nobody has to approve a job of the environment "${name}".`,
          next:
            `Name required reviewers at https://github.com/${repository}/settings/environments where somebody should; ` +
            "in private repositories this takes GitHub Enterprise (.github/PROTECTION.md).",
        });
    }
    return findings;
  },
};

/** What GitHub's plans protect. https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments */
const plans = "in private repositories environments take GitHub Pro, Team or Enterprise: .github/PROTECTION.md";

function judge(name: string, branch: string, allowed: AllowedBranches, isProtected: boolean): [FindingLevel, string] {
  const environment = `the environment "${name}"`;
  if (allowed === "all") return ["unprotected", `Every branch may use ${environment}.`];
  // Where no branch is protected, "protected branches" are all: GitHub's page above says so.
  if (allowed === "protected")
    return isProtected
      ? ["ok", `Only protected branches may use ${environment}.`]
      : ["unprotected", `Protected branches may use ${environment}, and "${branch}" is not one of them.`];
  const isBranch = (each: { name: string; type: string }) => each.name === branch && each.type === "branch";
  const others = allowed.filter((each) => !isBranch(each)).map((each) => `${each.type} ${each.name}`);
  if (others.length > 0) return ["unprotected", `More than "${branch}" may use ${environment}: ${others.join(", ")}.`];
  if (allowed.length === 0) return ["blocks", `No branch may use ${environment}, so nothing can be delivered there.`];
  return ["ok", `Only "${branch}" may use ${environment}.`];
}

/** What a person runs to let only one branch use an environment. Names of both hold no sign that a shell knows. */
export function protectEnvironment(repository: string, environment: string, branch: string): string {
  const path = `repos/${repository}/environments/${environment}`;
  const policy = "deployment_branch_policy";
  return (
    `gh api -X PUT ${path} -F '${policy}[protected_branches]=false' -F '${policy}[custom_branch_policies]=true' && ` +
    `gh api -X POST ${path}/deployment-branch-policies -f 'name=${branch}'`
  );
}
