import { type EnvironmentState, notFound, paged, repository, type Route } from "./github-state.ts";

/** What tells how the repository is protected. */
export const settingsRoutes: readonly Route[] = [
  {
    method: "GET",
    path: repository,
    answer: ({ options }) => ({ status: 200, body: { full_name: options.repository } }),
  },
  {
    method: "GET",
    path: `${repository}/environments`,
    answer({ state, url }) {
      const page = paged(
        [...state.environments].map(([name, each]) => environmentBody(name, each)),
        url,
      );
      return { ...page, body: { total_count: state.environments.size, environments: page.body } };
    },
  },
  {
    method: "GET",
    path: `${repository}/environments/{environment_name}/deployment-branch-policies`,
    answer({ state, parameters, url }) {
      const found = state.environments.get(parameters.environment_name ?? "");
      if (!found) return notFound;
      const policies = typeof found.allowed === "string" ? [] : found.allowed;
      const page = paged(
        policies.map((policy, index) => ({ id: index + 1, ...policy })),
        url,
      );
      return { ...page, body: { total_count: policies.length, branch_policies: page.body } };
    },
  },
  {
    method: "GET",
    path: `${repository}/branches/{branch}`,
    answer({ state, parameters }) {
      const name = decodeURIComponent(parameters.branch ?? "");
      const found = state.branches.get(name);
      return found ? { status: 200, body: { name, protected: found.protected } } : notFound;
    },
  },
  {
    method: "GET",
    path: `${repository}/rules/branches/{branch}`,
    answer({ state, parameters, url }) {
      const rules = state.branches.get(decodeURIComponent(parameters.branch ?? ""))?.rules ?? [];
      return paged(
        rules.map((type) => ({ type })),
        url,
      );
    },
  },
];

function environmentBody(name: string, { allowed, reviewed }: EnvironmentState): unknown {
  const custom = typeof allowed !== "string";
  const policy = { protected_branches: !custom, custom_branch_policies: custom };
  return {
    name,
    protection_rules: [
      ...(reviewed ? [{ id: 1, node_id: "1", type: "required_reviewers", reviewers: [] }] : []),
      ...(allowed === "all" ? [] : [{ id: 2, node_id: "2", type: "branch_policy" }]),
    ],
    deployment_branch_policy: allowed === "all" ? null : policy,
  };
}
