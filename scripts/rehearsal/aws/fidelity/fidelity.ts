import type { AccountFacts } from "../facts/account-facts.ts";
import type { NetworkInterfaces } from "../emulator/network-interfaces.ts";
import type { EmulatorPatch } from "../emulator/patch.ts";
import { RolePolicies } from "./role-policies.ts";
import { tagsOnCreate } from "./create-tags.ts";
import type { AwsDay } from "./day.ts";
import { dependencies } from "./dependencies.ts";
import { freshResources } from "./fresh-resources.ts";
import { freshRoles } from "./fresh-roles.ts";
import { keyTags } from "./key-tags.ts";
import { launches } from "./launch.ts";
import { requestLimits } from "./request-limits.ts";
import { serviceRoles } from "./service-roles.ts";
import { vcpuQuota } from "./vcpu-quota.ts";

/**
 * What AWS does and the emulator does not, in the order in which AWS would look at a request: how many there are, whether
 * the caller may, whether what is named is there, and whether it can be done. `differences` names each.
 *
 * @param upstream the emulator's address
 */
export function fidelityPatches(
  upstream: string,
  interfaces: NetworkInterfaces,
  facts: AccountFacts,
  day: AwsDay,
): readonly EmulatorPatch[] {
  const policies = new RolePolicies(upstream);
  return [
    ...(day.bad ? [requestLimits(day)] : []),
    serviceRoles(policies, day),
    launches(policies, interfaces, day),
    tagsOnCreate(policies, day),
    ...(day.bad ? [keyTags(upstream, policies, day), ...freshResources(day), freshRoles(day)] : []),
    ...dependencies(upstream, interfaces, day),
    vcpuQuota(upstream, facts, day),
  ];
}
