import { classicLoadBalancerKinds } from "./classic-load-balancers.ts";
import { computeKinds } from "./compute.ts";
import { eksKinds } from "./eks.ts";
import { identityKinds } from "./identity.ts";
import { keyKinds } from "./keys.ts";
import { loadBalancerKinds } from "./load-balancers.ts";
import { logKinds } from "./logs.ts";
import { networkKinds } from "./network.ts";
import { registryKinds } from "./registry.ts";
import type { Kind } from "./resource.ts";
import { secretKinds } from "./secrets.ts";

/** All that an environment may leave, in the order in which it can be deleted. */
export const kinds: readonly Kind[] = [
  ...loadBalancerKinds,
  ...classicLoadBalancerKinds,
  ...eksKinds,
  ...computeKinds,
  ...networkKinds,
  ...logKinds,
  ...registryKinds,
  ...secretKinds,
  ...identityKinds,
  ...keyKinds,
];

/** A kind by its name. @throws Error when there is none */
export function kindNamed(name: string): Kind {
  const found = kinds.find((kind) => kind.name === name);
  if (!found) throw new Error(`There is no kind of resource "${name}".`);
  return found;
}
