import type * as Secrets from "@aws-sdk/client-secrets-manager";
import { absentAt, type Kind, type Resource, type Scope } from "./resource.ts";

async function withSecrets<T>(
  { region, credentials }: Scope,
  work: (sdk: typeof Secrets, client: Secrets.SecretsManagerClient) => Promise<T>,
): Promise<T> {
  const sdk = await import("@aws-sdk/client-secrets-manager");
  const client = new sdk.SecretsManagerClient({ region, credentials, maxAttempts: 5 });
  try {
    return await work(sdk, client);
  } finally {
    client.destroy();
  }
}

function secret({ ARN: id = "", Name: name = "", DeletedDate: deleted }: Secrets.SecretListEntry): Resource {
  return {
    ...{ kind: "secret", id, name, facts: {} },
    billables: deleted ? [] : [{ kind: "secret", quantity: 1 }],
    ...(deleted && { residual: `deleted by AWS after the recovery time that began on ${deleted.toISOString().slice(0, 10)}` }),
  };
}

/** Secrets of the environment's apps. Whoever wrote one knows it alone, so that nobody else deletes it. */
export const secretKinds: readonly Kind[] = [
  {
    name: "secret",
    matches: (arn) => /:secretsmanager:.*:secret:/.test(arn),
    find: (scope) =>
      withSecrets(scope, async (sdk, client) => {
        const found: Resource[] = [];
        const names = [`${scope.project}-${scope.environment}/`, `${scope.project}/${scope.environment}/`];
        const Filters = [{ Key: "name" as const, Values: names }];
        for await (const page of sdk.paginateListSecrets({ client }, { Filters, IncludePlannedDeletion: true }))
          found.push(...(page.SecretList ?? []).map(secret));
        return found;
      }),
    confirm: (scope, arn) =>
      withSecrets(scope, async (sdk, client) => {
        const command = new sdk.DescribeSecretCommand({ SecretId: arn });
        const found = await client.send(command).catch(absentAt(/^ResourceNotFoundException$/));
        return found && secret(found);
      }),
  },
];
