import type { SecretListEntry, SecretsManager } from "@aws-sdk/client-secrets-manager";
import { tagsOf } from "./ownership.ts";
import { defineKind, pages } from "./resource.ts";
import { type Scope } from "./scope.ts";

/** How the names of an environment's secrets begin. */
const prefixes = ({ project, environment }: Scope) => [`${project}/${environment}/`, `${project}-${environment}/`];

/** Secrets; one whose deletion is scheduled is not billed any more. */
export const secrets = defineKind<SecretsManager, SecretListEntry>({
  name: "secret",
  title: "secret",
  arn: { service: "secretsmanager", resource: /^secret:(.+)$/ },
  gone: ["ResourceNotFoundException"],
  open: async (settings) => new (await import("@aws-sdk/client-secrets-manager")).SecretsManager(settings),
  list: (manager) =>
    pages(manager.paginateListSecrets({ IncludePlannedDeletion: true }, { pageSize: 100 }), (page) => page.SecretList),
  get: (manager, _id, SecretId) => manager.describeSecret({ SecretId }),
  describe({ ARN: id = "", Name: name = "?", Tags: list, DeletedDate: deletion }, scope) {
    const residual = deletion && `Its deletion is scheduled; until then it can be restored.`;
    return {
      id,
      name,
      marks: { tags: tagsOf(list), named: prefixes(scope).some((prefix) => name.startsWith(prefix)) },
      facts: deletion ? { deleted: deletion.toISOString() } : {},
      billables: deletion ? [] : [{ kind: "secret", quantity: 1 }],
      ...(residual && { residual }),
    };
  },
  remove: (manager, _id, { id }) => manager.deleteSecret({ SecretId: id }),
});
