import { environmentTag, projectTag, tagsOf } from "../resources/ownership.ts";
import type { Scope } from "../resources/scope.ts";
import { vpcsWith } from "../resources/vpcs.ts";
import { parseState } from "../terraform/state/file.ts";
import type { StateStore } from "../terraform/state/store.ts";
import { withoutBucket } from "./saved.ts";

/**
 * The other environments of the project, which share its images: those that Terraform's state has something of, and those
 * with a VPC, because a state that is lost, or not written yet, is not a proof that an environment is not there.
 *
 * @returns names, sorted
 * @throws the SDK's error when AWS cannot be asked, SlipwayError for a state that cannot be read
 */
export async function otherEnvironments(scope: Scope, store: StateStore): Promise<string[]> {
  const names = await Promise.all([withState(scope, store), withVpc(scope)]);
  return [...new Set(names.flat())].filter((name) => name !== scope.environment).sort();
}

async function withState(scope: Scope, store: StateStore): Promise<string[]> {
  const names: string[] = [];
  for (const key of (await store.list("environments/").catch(withoutBucket)) ?? []) {
    const name = /^environments\/([^/]+)\/terraform\.tfstate$/.exec(key)?.[1];
    if (name === undefined || name === scope.environment) continue;
    const state = await store.read(key);
    if (state && parseState(state.text, key, scope).length > 0) names.push(name);
  }
  return names;
}

async function withVpc(scope: Scope): Promise<string[]> {
  const vpcs = await vpcsWith(scope, [{ Name: `tag:${projectTag}`, Values: [scope.project] }]);
  return vpcs.flatMap(({ Tags }) => tagsOf(Tags)[environmentTag] ?? []);
}
