import type { TagFilter } from "@aws-sdk/client-resource-groups-tagging-api";
import { clusterTagKey, clusterTagKeys, environmentTag, projectTag } from "./ownership.ts";
import type { Scope } from "./scope.ts";

/**
 * Everything that AWS's index of tags names as ours: what Terraform tags, what Kubernetes' controllers tag, and what the
 * environments share. The index lags behind and still names what is gone, so a row is a reason to ask, and no more.
 *
 * @param types narrows it to these, as in `ResourceTypeFilters`
 * @throws the SDK's error
 */
export async function taggedArns(scope: Scope, types?: string[]): Promise<Set<string>> {
  const { ResourceGroupsTaggingAPI } = await import("@aws-sdk/client-resource-groups-tagging-api");
  const { region, credentials } = scope;
  const client = new ResourceGroupsTaggingAPI({ region, credentials, maxAttempts: 5 });
  const arns = new Set<string>();
  try {
    for (const TagFilters of questions(scope)) {
      const asked = { TagFilters, ResourcesPerPage: 100, ...(types && { ResourceTypeFilters: types }) };
      for await (const { ResourceTagMappingList: rows = [] } of client.paginateGetResources(asked))
        for (const { ResourceARN: arn } of rows) if (arn) arns.add(arn);
    }
    return arns;
  } finally {
    client.destroy();
  }
}

/** One question holds only conditions that all must be met. */
function questions({ project, environment, clusterName }: Scope): TagFilter[][] {
  const ours = { Key: projectTag, Values: [project] };
  return [
    [ours, { Key: environmentTag, Values: [environment] }],
    [ours, { Key: "slipway:managed-by", Values: ["terraform/registry"] }],
    [{ Key: clusterTagKey(clusterName), Values: ["owned"] }],
    ...clusterTagKeys.map((Key) => [{ Key, Values: [clusterName] }]),
  ];
}
