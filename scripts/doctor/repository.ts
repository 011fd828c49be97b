import { wrongIds, writeIds } from "../../actions/lib/doctor/settings.ts";
import type { CheckResult } from "../../actions/lib/doctor/finding.ts";
import type { GitHubCheck } from "./finding.ts";

const ok = (says: string): CheckResult[] => [{ level: "ok", says }];

/** The repository takes pushes under the name in slipway.yaml. */
const repository: GitHubCheck = {
  id: "github-repository",
  title: "the repository on GitHub",
  async look({ config, github }) {
    const found = await github.repository();
    if (found.archived)
      return [
        {
          level: "blocks",
          says: `${found.name} is archived: nobody can push to it.`,
          next: `Take it out of the archive at https://github.com/${found.name}/settings.`,
        },
      ];
    if (found.name.toLowerCase() !== config.git.repository.toLowerCase())
      return [
        {
          level: "blocks",
          says: `${config.git.repository} is called ${found.name} now, and so do its tokens: the roles in AWS trust the old name.`,
          next: `Write ${found.name} under "git.repository" in slipway.yaml and in gitops/bootstrap/settings, and run ./slipway bootstrap again.`,
        },
      ];
    return ok(`${found.name} is there, and ${found.private ? "private" : "public"}.`);
  },
};

/** What a private repository can protect depends on the plan of its owner. */
const plan: GitHubCheck = {
  id: "github-plan",
  title: "the plan of the repository's owner",
  async look({ github }) {
    const { private: hidden } = await github.repository();
    if (!hidden) return ok("A public repository has all of it in every plan.");
    const name = await github.plan();
    if (name === "free")
      return [
        {
          level: "unprotected",
          says: 'GitHub\'s plan "free" protects neither environments nor branches of a private repository.',
          next: "Take a paid plan, or make the repository public. AWS gives the roles that change something only to the workflow files of the branch in any case.",
        },
      ];
    return ok(name === undefined ? "It is not shown to this token." : `"${name}": environments can be protected.`);
  },
};

/** Runs may start, use checkout, and make what a release needs. */
const actions: GitHubCheck = {
  id: "github-actions",
  title: "what GitHub Actions may do",
  async look({ config, github }) {
    const address = `https://github.com/${config.git.repository}/settings/actions`;
    const { enabled, githubOwned } = await github.actions();
    if (!enabled)
      return [{ level: "blocks", says: "GitHub Actions is switched off.", next: `Switch it on at ${address}.` }];
    if (!githubOwned)
      return [
        {
          level: "blocks",
          says: "Runs may not use GitHub's own actions, and every job checks the repository out with one.",
          next: `Allow actions that GitHub made at ${address}.`,
        },
      ];
    if (config.git.release === "pull-request" && !(await github.mayMakePullRequests()))
      return [
        {
          level: "blocks",
          says: "Runs may not make pull requests, and a release is one (git.release).",
          next: `Allow GitHub Actions to create pull requests at ${address}.`,
        },
      ];
    return ok("Runs may start and use GitHub's own actions.");
  },
};

/** The tokens' `sub` is one that the roles trust. */
const subject: GitHubCheck = {
  id: "github-subject",
  title: "how GitHub writes the sub of tokens",
  async look({ config, github }) {
    const { claims } = await github.subject();
    if (claims === undefined) return ok("As usual.");
    return [
      {
        level: "blocks",
        says: `Somebody chose what the tokens' sub holds (${claims.join(", ")}), and the roles in AWS trust GitHub's usual.`,
        next: `gh api -X PUT repos/${config.git.repository}/actions/oidc/customization/sub -F use_default=true`,
      },
    ];
  },
};

/** slipway.yaml has the ids that the tokens have. */
const ids: GitHubCheck = {
  id: "github-ids",
  title: "the ids in slipway.yaml",
  async look({ config, github }) {
    const { ids: real } = await github.repository();
    const { ids: named } = config.git;
    if (named && (named.owner !== real.owner || named.repository !== real.repository)) return [wrongIds(real)];
    if (named) return ok("They are those of the repository.");
    const { ids: inSubject } = await github.subject();
    const next = `${writeIds(real)}, and run ./slipway bootstrap again.`;
    return inSubject
      ? [{ level: "blocks", says: "GitHub's tokens have ids in their sub, and slipway.yaml names none.", next }]
      : [
          {
            level: "advice",
            says: "slipway.yaml names no ids, so the roles in AWS know the repository by its name alone, which may become somebody else's.",
            next,
          },
        ];
  },
};

/** The workflows are switched on. */
const workflows: GitHubCheck = {
  id: "github-workflows",
  title: "the workflows",
  async look({ config, github }) {
    const states = await github.workflows();
    const off = ["deliver", "destroy", "lease"].filter((name) => states.get(`${name}.yml`)?.startsWith("disabled"));
    if (off.length === 0) return ok("None is switched off.");
    const leased = Object.values(config.environments).some((environment) => environment.lease);
    const next = off.map((name) => `gh workflow enable ${name}.yml --repo ${config.git.repository}`).join(" && ");
    const matters = off.includes("deliver") || (off.includes("lease") && leased);
    return [{ level: matters ? "blocks" : "advice", says: `Switched off: ${off.join(", ")}.`, next }];
  },
};

/** The variables that the workflows read make sense. */
const variables: GitHubCheck = {
  id: "github-variables",
  title: "the variables of the workflows",
  async look({ config, github }) {
    const console = (await github.variables()).get("CONSOLE_URL");
    if (!console) return ok("CONSOLE_URL is not set: no console is told.");
    const url = URL.parse(console);
    const address = `https://github.com/${config.git.repository}/settings/variables/actions`;
    if (!url || !/^https?:$/.test(url.protocol))
      return [
        {
          level: "advice",
          says: `The variable CONSOLE_URL is ${JSON.stringify(console)}, which is not an address: runs report to nobody.`,
          next: `Write the console's address at ${address}.`,
        },
      ];
    if (url.protocol === "http:")
      return [
        {
          level: "advice",
          says: `Runs show their tokens to ${console} without TLS.`,
          next: `Give the console a name with a certificate, and write https:// at ${address}.`,
        },
      ];
    return ok(`Runs report to ${console}.`);
  },
};

/** The repository's own settings on GitHub. */
export const repositoryChecks: readonly GitHubCheck[] = [repository, plan, actions, subject, ids, workflows, variables];
