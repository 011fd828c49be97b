import type * as Iam from "@aws-sdk/client-iam";
import { absentAt, isOurs, type Kind, lastOf, type Resource, type Scope } from "./resource.ts";

const absent = /^NoSuchEntity(Exception)?$/;

async function withIam<T>(
  { region, credentials }: Scope,
  work: (sdk: typeof Iam, client: Iam.IAMClient) => Promise<T>,
): Promise<T> {
  const sdk = await import("@aws-sdk/client-iam");
  const client = new sdk.IAMClient({ region, credentials, maxAttempts: 5 });
  try {
    return await work(sdk, client);
  } finally {
    client.destroy();
  }
}

const role = (id: string, name: string): Resource => ({ kind: "role", id, name, billables: [], facts: {} });

/** Roles of the cluster, its nodes and its add-ons; all of it is free. */
export const identityKinds: readonly Kind[] = [
  {
    name: "role",
    matches: (arn) => /:iam::.*:role\//.test(arn),
    find: (scope) =>
      withIam(scope, async (sdk, client) => {
        const found: Resource[] = [];
        for await (const page of sdk.paginateListRoles({ client }, {}))
          for (const { Arn: id = "", RoleName: name = "" } of page.Roles ?? [])
            if (name.startsWith(`${scope.project}-${scope.environment}-`)) found.push(role(id, name));
        return found;
      }),
    confirm: (scope, arn) =>
      withIam(scope, async (sdk, client) => {
        const name = lastOf(arn);
        const found = await client.send(new sdk.GetRoleCommand({ RoleName: name })).catch(absentAt(absent));
        return found?.Role && role(arn, name);
      }),
    remove: (scope, { name: RoleName }) =>
      withIam(scope, async (sdk, client) => {
        const done = absentAt(absent);
        const found = await client.send(new sdk.ListAttachedRolePoliciesCommand({ RoleName })).catch(done);
        for (const { PolicyArn } of found?.AttachedPolicies ?? [])
          await client.send(new sdk.DetachRolePolicyCommand({ RoleName, PolicyArn })).catch(done);
        await client.send(new sdk.DeleteRoleCommand({ RoleName })).catch(done);
      }),
  },
  {
    name: "oidc-provider",
    matches: (arn) => /:iam::.*:oidc-provider\/oidc\.eks\./.test(arn),
    find: (scope) =>
      withIam(scope, async (sdk, client) => {
        const { OpenIDConnectProviderList: all = [] } = await client.send(new sdk.ListOpenIDConnectProvidersCommand({}));
        const ofClusters = all.flatMap(({ Arn }) => (Arn?.includes("oidc-provider/oidc.eks.") ? [Arn] : []));
        const found: Resource[] = [];
        for (const id of ofClusters) {
          const command = new sdk.GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: id });
          const { Tags } = (await client.send(command).catch(absentAt(absent))) ?? {};
          if (isOurs(scope, Tags)) found.push({ kind: "oidc-provider", id, name: lastOf(id), billables: [], facts: {} });
        }
        return found;
      }),
    confirm: (scope, arn) =>
      withIam(scope, async (sdk, client) => {
        const command = new sdk.GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn });
        const found = await client.send(command).catch(absentAt(absent));
        return found && { kind: "oidc-provider", id: arn, name: lastOf(arn), billables: [], facts: {} };
      }),
    remove: (scope, { id }) =>
      withIam(scope, async (sdk, client) => {
        const command = new sdk.DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: id });
        await client.send(command).catch(absentAt(absent));
      }),
  },
];
