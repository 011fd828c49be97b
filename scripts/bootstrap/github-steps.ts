import type { Config } from "../../actions/lib/config/config.ts";
import { protectEnvironment } from "../doctor/environments.ts";

/** Something that a person does on GitHub. */
export interface GitHubStep {
  title: string;
  /** The page where it is done. */
  link: string;
  /** The same by GitHub's command line tool. */
  commands: string[];
}

/**
 * What is left to do on GitHub after a bootstrap, in its order.
 *
 * No name in it holds a sign that a shell knows: `git.repository` and the names of environments have none, and of a branch
 * terraform/bootstrap takes no other.
 */
export function githubSteps({
  git: { repository, branch, release },
  environments,
}: Config): [GitHubStep, GitHubStep, GitHubStep] {
  const page = `https://github.com/${repository}/settings`;
  const names = Object.keys(environments);
  const proposes = release === "pull-request";
  const ruleset = JSON.stringify(branchRules(branch, proposes));
  return [
    {
      title: `Make the environment${names.length > 1 ? "s" : ""} ${names.join(", ")}, and let only ${branch} use ${names.length > 1 ? "them" : "it"}.`,
      link: `${page}/environments`,
      commands: names.map((name) => protectEnvironment(repository, name, branch)),
    },
    {
      title: `Protect ${branch}: whoever may push to it delivers.`,
      link: `${page}/rules`,
      commands: [`gh api -X POST repos/${repository}/rulesets --input - <<< '${ruleset}'`],
    },
    proposes
      ? {
          title: "Allow GitHub Actions to create pull requests: each release is one.",
          link: `${page}/actions`,
          commands: [
            `gh api -X PUT repos/${repository}/actions/permissions/workflow -f default_workflow_permissions=read -F can_approve_pull_request_reviews=true`,
          ],
        }
      : {
          title: "Name reviewers where somebody should approve each apply; leave it where nobody has to.",
          link: `${page}/environments`,
          commands: names.map((name) => reviewedBy(repository, name)),
        },
  ];
}

/** https://docs.github.com/en/rest/repos/rules#create-a-repository-ruleset */
export function branchRules(branch: string, proposes: boolean): object {
  const pullRequest = {
    required_approving_review_count: 0,
    dismiss_stale_reviews_on_push: false,
    require_code_owner_review: false,
    require_last_push_approval: false,
    required_review_thread_resolution: false,
  };
  const checks = { strict_required_status_checks_policy: false, required_status_checks: [{ context: "Checked" }] };
  return {
    name: `Slipway ${branch}`,
    target: "branch",
    enforcement: "active",
    conditions: { ref_name: { include: [`refs/heads/${branch}`], exclude: [] } },
    rules: [
      { type: "deletion" },
      { type: "non_fast_forward" },
      ...(proposes
        ? [
            { type: "pull_request", parameters: pullRequest },
            { type: "required_status_checks", parameters: checks },
          ]
        : []),
    ],
  };
}

/** The command that names a reviewer: the person who runs it. What is not named is taken away, so which branches may use it is named. */
export function reviewedBy(repository: string, environment: string): string {
  const policy = "deployment_branch_policy";
  return (
    `gh api -X PUT repos/${repository}/environments/${environment} ` +
    `-F '${policy}[protected_branches]=false' -F '${policy}[custom_branch_policies]=true' ` +
    `-f 'reviewers[][type]=User' -F "reviewers[][id]=$(gh api user --jq .id)"`
  );
}

/** What a person does next, as they read it. @param isPrivate undefined where nobody knows */
export function describeSteps(config: Config, isPrivate: boolean | undefined): string {
  const { repository, branch } = config.git;
  const steps = githubSteps(config).map(
    ({ title, link, commands }, index) =>
      `${index + 1}. ${title}\n   ${link}\n${commands.map((each) => `   ${each}`).join("\n")}`,
  );
  const closed =
    `The repository is private. GitHub protects environments and branches of private repositories on paid plans only: ` +
    `.github/PROTECTION.md. Argo CD needs a key to read it: run ./slipway repository --help now.`;
  return [
    `Three things are left to do on GitHub${isPrivate ? "" : ", by hand or by command"}:`,
    ...steps,
    ...(isPrivate ? [closed] : []),
    "./slipway doctor says which of them are done. Then commit what changed here, and deliver:",
    `   git add --update && git commit -m "Set up Slipway" && git push origin ${branch}`,
    `   https://github.com/${repository}/actions`,
  ].join("\n");
}
