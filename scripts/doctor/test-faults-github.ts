import { type DoctorFault, replaced } from "./test-doctor.ts";

const withoutIds = replaced("  ids: { owner: 7, repository: 8 }\n", "");

/** What can be wrong on GitHub. */
export const gitHubFaults: readonly DoctorFault[] = [
  {
    what: "an archived repository",
    finds: ["github-repository", "blocks", /archived/],
    breaks: ({ github }) => (github.state.repository.archived = true),
  },
  {
    what: "a renamed repository",
    finds: ["github-repository", "blocks", /called octo-org\/renamed/],
    breaks: ({ github }) => (github.state.repository.name = "octo-org/renamed"),
  },
  {
    what: "a private repository of a free plan",
    finds: ["github-plan", "unprotected", /"free"/],
    breaks: ({ github }) => (github.state.repository.private = true),
  },
  {
    what: "a private repository of a free organization",
    finds: ["github-plan", "unprotected", /"free"/],
    breaks: ({ github }) => Object.assign(github.state.repository, { private: true, owner: "Organization" }),
  },
  {
    what: "Actions switched off",
    finds: ["github-actions", "blocks", /switched off/],
    breaks: ({ github }) => (github.state.repository.actions.enabled = false),
  },
  {
    what: "only own actions allowed",
    finds: ["github-actions", "blocks", /GitHub's own actions/],
    breaks: ({ github }) => (github.state.repository.actions.allowed = "local_only"),
  },
  {
    what: "selected actions, and not GitHub's",
    finds: ["github-actions", "blocks", /GitHub's own actions/],
    breaks: ({ github }) => Object.assign(github.state.repository.actions, { allowed: "selected", githubOwned: false }),
  },
  {
    what: "releases by pull request, which runs may not make",
    finds: ["github-actions", "blocks", /pull requests/],
    breaks: replaced("branch: main", "branch: main\n  release: pull-request"),
  },
  {
    what: "a sub that somebody chose",
    finds: ["github-subject", "blocks", /repo, actor/],
    breaks: ({ github }) => (github.state.repository.subject.claims = ["repo", "actor"]),
  },
  {
    what: "other ids",
    finds: ["github-ids", "blocks", /not those of the repository/],
    breaks: ({ github }) => Object.assign(github.state.repository, { id: 80, ownerId: 70 }),
  },
  {
    what: "ids in the sub, and none in slipway.yaml",
    finds: ["github-ids", "blocks", /names none/],
    breaks(world) {
      world.github.state.repository.subject.ids = true;
      withoutIds(world);
    },
  },
  { what: "no ids in slipway.yaml", finds: ["github-ids", "advice", /by its name alone/], breaks: withoutIds },
  {
    what: "deliver switched off",
    finds: ["github-workflows", "blocks", /deliver/],
    breaks: ({ github }) => github.state.repository.workflows.set("deliver.yml", "disabled_manually"),
  },
  {
    what: "lease switched off, where there is one",
    finds: ["github-workflows", "blocks", /lease/],
    breaks(world) {
      world.github.state.repository.workflows.set("lease.yml", "disabled_inactivity");
      world.config += '    lease: { until: "2099-01-01" }\n';
    },
  },
  {
    what: "a console at no address",
    finds: ["github-variables", "advice", /"console"/],
    breaks: ({ github }) => github.state.repository.variables.set("CONSOLE_URL", "console"),
  },
  {
    what: "a console without TLS",
    finds: ["github-variables", "advice", /without TLS/],
    breaks: ({ github }) => github.state.repository.variables.set("CONSOLE_URL", "http://console.example.org"),
  },
  {
    what: "no environment",
    finds: ["github-environments", "unprotected", /no environment "dev"/],
    breaks: ({ github }) => github.state.environments.clear(),
  },
  {
    what: "an environment for all branches",
    finds: ["github-environments", "unprotected", /Every branch/],
    breaks: ({ github }) => github.state.environments.set("dev", { allowed: "all", reviewed: true }),
  },
  {
    what: "an environment for no branch",
    finds: ["github-environments", "blocks", /No branch/],
    breaks: ({ github }) => github.state.environments.set("dev", { allowed: [], reviewed: true }),
  },
  {
    what: "an environment without reviewers",
    finds: ["github-environments", "advice", /Nobody has to approve/],
    breaks: ({ github }) =>
      github.state.environments.set("dev", { allowed: [{ name: "main", type: "branch" }], reviewed: false }),
  },
  {
    what: "no branch",
    finds: ["github-branch", "blocks", /no branch "main"/],
    breaks: ({ github }) => github.state.branches.clear(),
  },
  {
    what: "an unprotected branch",
    finds: ["github-branch", "advice", /Nothing protects/],
    breaks: ({ github }) => github.state.branches.set("main", { protected: false, rules: [] }),
  },
  {
    what: "a branch that asks for pull requests, and pushed releases",
    finds: ["github-release", "blocks", /asks for a pull request/],
    breaks: ({ github }) => github.state.branches.set("main", { protected: false, rules: ["pull_request"] }),
  },
  {
    what: "a branch that asks for signatures",
    finds: ["github-release", "blocks", /signed/],
    breaks: ({ github }) => github.state.branches.set("main", { protected: true, rules: ["required_signatures"] }),
  },
  {
    what: "a required check that no pull request has",
    finds: ["github-release", "blocks", /Delivered/],
    breaks(world) {
      world.config = world.config.replace("branch: main", "branch: main\n  release: pull-request");
      world.github.state.repository.actions.pullRequests = true;
      world.github.state.branches.set("main", { protected: false, rules: [], checks: ["Delivered"] });
    },
  },
];
