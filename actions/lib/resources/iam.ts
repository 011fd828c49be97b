import type { IAM, InstanceProfile, OpenIDConnectProviderListEntry, Role } from "@aws-sdk/client-iam";
import { tagsOf } from "./ownership.ts";
import { type ClientSettings, defineKind, pages } from "./resource.ts";
import { type Scope } from "./scope.ts";

const open = async (settings: ClientSettings) => new (await import("@aws-sdk/client-iam")).IAM(settings);
const gone = ["NoSuchEntity", "NoSuchEntityException"];

/** How the names of the environment's roles and profiles begin. No project and no environment has a dot in its name. */
const prefix = ({ project, environment }: Scope) => `${project}-${environment}.`;

/** The roles that `bootstrap` made for the pipeline to work with. */
const pipelineRoles = ({ project, environment }: Scope) =>
  ["plan", "deploy", `apply-${environment}`].map((role) => `${project}-${role}`);

/** Roles: those of the cluster, its nodes and its add-ons, and the pipeline's. */
export const roles = defineKind<IAM, Role>({
  name: "role",
  title: "IAM role",
  arn: { service: "iam", resource: /^role\/(?:.*\/)?([^/]+)$/ },
  gone,
  open,
  list: (iam, scope) =>
    pages(iam.paginateListRoles({}), (page) =>
      page.Roles?.filter(
        ({ RoleName: name = "" }) => name.startsWith(prefix(scope)) || pipelineRoles(scope).includes(name),
      ),
    ),
  get: async (iam, RoleName) => (await iam.getRole({ RoleName })).Role,
  async describe({ RoleName, Arn: id = "", CreateDate: created }, scope, iam) {
    const name = RoleName ?? "?";
    // A list of roles has no tags; a name may also begin like ours by chance.
    const { Tags: list } = await iam.listRoleTags({ RoleName });
    return {
      id,
      name,
      owner: pipelineRoles(scope).includes(name) ? "bootstrap" : "environment",
      marks: { tags: tagsOf(list), named: true },
      facts: created ? { created: created.toISOString() } : {},
    };
  },
  async remove(iam, RoleName) {
    for await (const { AttachedPolicies: policies = [] } of iam.paginateListAttachedRolePolicies({ RoleName }))
      for (const { PolicyArn } of policies) await iam.detachRolePolicy({ RoleName, PolicyArn });
    for await (const { PolicyNames: names = [] } of iam.paginateListRolePolicies({ RoleName }))
      for (const PolicyName of names) await iam.deleteRolePolicy({ RoleName, PolicyName });
    await iam.deleteRole({ RoleName });
  },
});

/** What gives a role to instances. EKS names its own by a number, and puts the nodes' role in. */
export const instanceProfiles = defineKind<IAM, InstanceProfile>({
  name: "instance-profile",
  title: "instance profile",
  arn: { service: "iam", resource: /^instance-profile\/(?:.*\/)?([^/]+)$/ },
  gone,
  open,
  list: (iam, scope) =>
    pages(iam.paginateListInstanceProfiles({}), (page) =>
      page.InstanceProfiles?.filter((profile) => isOurs(profile, scope)),
    ),
  get: async (iam, InstanceProfileName) => (await iam.getInstanceProfile({ InstanceProfileName })).InstanceProfile,
  describe: (profile, scope) => ({
    id: profile.Arn ?? "",
    name: profile.InstanceProfileName ?? "?",
    marks: { tags: tagsOf(profile.Tags), named: isOurs(profile, scope) },
    facts: profile.Roles?.[0]?.RoleName ? { role: profile.Roles[0].RoleName } : {},
  }),
  async remove(iam, InstanceProfileName) {
    const { InstanceProfile: found } = await iam.getInstanceProfile({ InstanceProfileName });
    for (const { RoleName } of found?.Roles ?? [])
      await iam.removeRoleFromInstanceProfile({ InstanceProfileName, RoleName });
    await iam.deleteInstanceProfile({ InstanceProfileName });
  },
});

function isOurs({ InstanceProfileName: name, Roles: held = [] }: InstanceProfile, scope: Scope): boolean {
  return [name, ...held.map(({ RoleName: role }) => role)].some((each) => each?.startsWith(prefix(scope)));
}

/**
 * Identity providers of clusters; GitHub's belongs to the account. IAM lists those of clusters in every region, and the
 * roles of the pipeline may look into this region's only: nobody else's makes a receipt unknown.
 */
export const oidcProviders = defineKind<IAM, OpenIDConnectProviderListEntry>({
  name: "oidc-provider",
  title: "OIDC provider",
  arn: { service: "iam", resource: /^oidc-provider\/(oidc\.eks\..+)$/ },
  gone,
  open,
  async *list(iam, { region }) {
    const { OpenIDConnectProviderList: all = [] } = await iam.listOpenIDConnectProviders({});
    yield all.filter(({ Arn: arn }) => arn?.includes(`:oidc-provider/oidc.eks.${region}.amazonaws.com/`));
  },
  async get(iam, _id, Arn) {
    await iam.getOpenIDConnectProvider({ OpenIDConnectProviderArn: Arn });
    return { Arn };
  },
  async describe({ Arn: id = "" }, { clusterName }, iam) {
    const { Tags: list } = await iam.listOpenIDConnectProviderTags({ OpenIDConnectProviderArn: id });
    const tags = tagsOf(list);
    // What eksctl and AWS's own guides write.
    const named = tags["alpha.eksctl.io/cluster-name"] === clusterName;
    return { id, name: id.split(":oidc-provider/").at(-1) ?? id, marks: { tags, named }, facts: {} };
  },
  remove: (iam, _id, { id }) => iam.deleteOpenIDConnectProvider({ OpenIDConnectProviderArn: id }),
});
