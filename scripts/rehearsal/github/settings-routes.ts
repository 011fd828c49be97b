import {
  type EnvironmentState,
  notFound,
  paged,
  refusal,
  repository,
  type RepositoryState,
  type Route,
} from "./github-state.ts";

/** What tells how the repository is protected. */
export const settingsRoutes: readonly Route[] = [
  {
    method: "GET",
    path: repository,
    answer: ({ state }) => ({ status: 200, body: repositoryBody(state.repository) }),
  },
  {
    // Only to itself does GitHub show a user's plan.
    method: "GET",
    path: "/user",
    answer({ state }) {
      const { owner, ownerId: id, name, plan } = state.repository;
      return { status: 200, body: { login: name.split("/")[0], id, ...(owner === "User" && plan && planBody(plan)) } };
    },
  },
  {
    method: "GET",
    path: "/orgs/{org}",
    answer({ state, parameters }) {
      const { owner, ownerId: id, plan } = state.repository;
      if (owner !== "Organization") return notFound;
      return { status: 200, body: { login: parameters.org, id, ...(plan && planBody(plan)) } };
    },
  },
  {
    method: "GET",
    path: `${repository}/actions/permissions`,
    answer({ state }) {
      const { enabled, allowed } = state.repository.actions;
      return { status: 200, body: { enabled, ...(enabled && { allowed_actions: allowed }) } };
    },
  },
  {
    method: "GET",
    path: `${repository}/actions/permissions/selected-actions`,
    answer({ state }) {
      const { allowed, githubOwned } = state.repository.actions;
      if (allowed !== "selected") return refusal(409, "Conflict");
      return {
        status: 200,
        body: { github_owned_allowed: githubOwned, verified_allowed: false, patterns_allowed: [] },
      };
    },
  },
  {
    method: "GET",
    path: `${repository}/actions/permissions/workflow`,
    answer({ state }) {
      const can = state.repository.actions.pullRequests;
      const body = { default_workflow_permissions: "read", can_approve_pull_request_reviews: can };
      return { status: 200, body };
    },
  },
  {
    method: "GET",
    path: `${repository}/actions/oidc/customization/sub`,
    answer({ state }) {
      const { claims, ids } = state.repository.subject;
      const keys = claims && { include_claim_keys: claims };
      return { status: 200, body: { use_default: claims === undefined, ...keys, use_immutable_subject: ids } };
    },
  },
  {
    method: "GET",
    path: `${repository}/actions/workflows`,
    answer({ state, url }) {
      const page = paged(
        [...state.repository.workflows].map(([file, now], index) => ({
          id: index + 1,
          name: file,
          path: `.github/workflows/${file}`,
          state: now,
        })),
        url,
      );
      return { ...page, body: { total_count: state.repository.workflows.size, workflows: page.body } };
    },
  },
  {
    method: "GET",
    path: `${repository}/actions/variables`,
    answer({ state, url }) {
      const page = paged(
        [...state.repository.variables].map(([name, value]) => ({ name, value })),
        url,
      );
      return { ...page, body: { total_count: state.repository.variables.size, variables: page.body } };
    },
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
      const { rules = [], checks } = state.branches.get(decodeURIComponent(parameters.branch ?? "")) ?? {};
      const required = checks?.map((context) => ({ context }));
      const must = { required_status_checks: required, strict_required_status_checks_policy: false };
      return paged(
        [...rules.map((type) => ({ type })), ...(checks ? [{ type: "required_status_checks", parameters: must }] : [])],
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

function repositoryBody({ name, id, ownerId, owner, archived, createdAt, ...settings }: RepositoryState): unknown {
  return {
    id,
    full_name: name,
    archived,
    private: settings.private,
    created_at: createdAt,
    owner: { login: name.split("/")[0], id: ownerId, type: owner },
  };
}

const planBody = (name: string) => ({ plan: { name, space: 1, private_repos: 1, collaborators: 1 } });
