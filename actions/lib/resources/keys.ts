import type * as Kms from "@aws-sdk/client-kms";
import { absentAt, type Kind, type Resource, type Scope } from "./resource.ts";

/** Days until a key that is not wanted any more is deleted; the least that KMS allows. */
const pendingDays = 7;
const absent = /^NotFoundException$/;

async function withKms<T>(
  { region, credentials }: Scope,
  work: (sdk: typeof Kms, client: Kms.KMSClient) => Promise<T>,
): Promise<T> {
  const sdk = await import("@aws-sdk/client-kms");
  const client = new sdk.KMSClient({ region, credentials, maxAttempts: 5 });
  try {
    return await work(sdk, client);
  } finally {
    client.destroy();
  }
}

async function describe(scope: Scope, keyId: string, name?: string): Promise<Resource | undefined> {
  return withKms(scope, async (sdk, client) => {
    const found = await client.send(new sdk.DescribeKeyCommand({ KeyId: keyId })).catch(absentAt(absent));
    const { Arn: id, KeyState: state = "?", DeletionDate: end } = found?.KeyMetadata ?? {};
    if (id === undefined) return undefined;
    const kept = name === registryAlias(scope) ? scope.imagesStay : undefined;
    return {
      ...{ kind: "key", id, name: name ?? keyId, facts: { state } },
      // https://aws.amazon.com/kms/pricing/: not while it waits for its deletion
      billables: state === "PendingDeletion" ? [] : [{ kind: "key", quantity: 1 }],
      ...(state === "PendingDeletion" && {
        residual: `deleted by AWS on ${end?.toISOString().slice(0, 10) ?? "a day that it does not say"}`,
      }),
      ...(kept !== undefined && { kept }),
    };
  });
}

/** As terraform/registry and terraform/environment name their keys. */
const registryAlias = ({ project }: Scope) => `alias/${project}/registry`;
const aliases = (scope: Scope) => [`alias/${scope.project}-${scope.environment}`, registryAlias(scope)];

/** Keys: of the cluster's secrets and of the images. */
export const keyKinds: readonly Kind[] = [
  {
    name: "key",
    matches: (arn) => /:kms:.*:key\//.test(arn),
    find: async (scope) => {
      const listed = await withKms(scope, async (sdk, client) => {
        const found: Kms.AliasListEntry[] = [];
        for await (const page of sdk.paginateListAliases({ client }, {})) found.push(...(page.Aliases ?? []));
        return found;
      });
      const wanted = aliases(scope);
      const ours = listed.filter(({ AliasName: name = "" }) => wanted.includes(name));
      const keys = await Promise.all(
        ours.map(({ AliasName: name = "", TargetKeyId: id }) => (id === undefined ? undefined : describe(scope, id, name))),
      );
      return keys.filter((key) => key !== undefined);
    },
    confirm: (scope, arn) => describe(scope, arn),
    remove: (scope, { id }) =>
      withKms(scope, async (sdk, client) => {
        // "Invalid state": it waits for its deletion already.
        const done = absentAt(/^(NotFoundException|KMSInvalidStateException)$/);
        const command = new sdk.ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: pendingDays });
        await client.send(command).catch(done);
      }),
  },
];
