import type { KeyMetadata, KMS } from "@aws-sdk/client-kms";
import { environmentTag, type Tags } from "./ownership.ts";
import { defineKind, pages, unlessGone } from "./resource.ts";
import { type Scope } from "./scope.ts";
import { taggedArns } from "./tagging.ts";

const gone = ["NotFoundException"];

/** The names that Terraform gives keys: the environment's, and the one that all environments' images share. */
const aliases = ({ project, environment }: Scope) => [`alias/${project}-${environment}`, `alias/${project}/registry`];

/** A key is billed until somebody schedules its deletion; AWS deletes none at once. */
export const keys = defineKind<KMS, KeyMetadata>({
  name: "key",
  title: "KMS key",
  arn: { service: "kms", resource: /^key\/(.+)$/ },
  gone,
  open: async (settings) => new (await import("@aws-sdk/client-kms")).KMS(settings),
  // A role may not look into others' keys, and a list of all keys tells nothing of them but their ids.
  async *list(kms, scope) {
    const ids = new Set([...(await taggedArns(scope, ["kms:key"]))].map((arn) => arn.split("/").at(-1) ?? ""));
    for await (const found of pages(kms.paginateListAliases({}), (page) => page.Aliases))
      for (const { AliasName: alias = "", TargetKeyId: id } of found)
        if (id && aliases(scope).includes(alias)) ids.add(id);
    for (const KeyId of ids) {
      const answer = await unlessGone(gone, kms.describeKey({ KeyId }));
      yield answer?.KeyMetadata ? [answer.KeyMetadata] : [];
    }
  },
  get: async (kms, KeyId) => (await kms.describeKey({ KeyId })).KeyMetadata,
  async describe({ KeyId, Arn: id = "", Description, KeyState: state = "?", DeletionDate: deletion }, _scope, kms) {
    const tags: Record<string, string> = {};
    for await (const { Tags: found = [] } of kms.paginateListResourceTags({ KeyId }))
      for (const { TagKey: key = "", TagValue: value = "" } of found) tags[key] = value;
    const leaving = state === "PendingDeletion";
    return {
      id,
      name: Description || (KeyId ?? "?"),
      owner: ownerOf(tags),
      marks: { tags, named: true },
      facts: { state, ...(deletion && { deletion: deletion.toISOString() }) },
      billables: leaving ? [] : [{ kind: "key", quantity: 1 }],
      ...(leaving && {
        residual: `AWS deletes it ${deletion ? `on ${deletion.toISOString().slice(0, 10)}` : "soon"}.`,
      }),
    };
  },
  remove: (kms, KeyId) => kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 }),
});

function ownerOf(tags: Tags) {
  return tags[environmentTag] === undefined && tags["slipway:managed-by"] === "terraform/registry"
    ? "project"
    : "environment";
}
