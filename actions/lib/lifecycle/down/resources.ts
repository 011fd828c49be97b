import { scopeOf } from "../../inventory/inventory.ts";
import { kindOf } from "../../resources/kinds.ts";
import { isInUse, type KindName, type Resource } from "../../resources/resource.ts";
import { type Scope } from "../../resources/scope.ts";
import { environmentTags, vpcsWith } from "../../resources/vpcs.ts";
import type { Environment } from "../environment.ts";
import type { Remaining } from "./down.ts";

/** Which of the resources that were found are meant. */
export type Which = (resource: Resource) => boolean;

const all: Which = () => true;

/** Where to look for an environment's resources, as far as its VPC is still there to say so. */
async function scopeWithVpcs(environment: Environment): Promise<Scope> {
  const { config, credentials, name } = environment;
  const scope = scopeOf(config, name, credentials);
  const vpcs = await vpcsWith(scope, environmentTags(config, name));
  return { ...scope, vpcs: vpcs.flatMap(({ VpcId: id }) => id ?? []) };
}

/** What AWS shows of these kinds, but for what goes by itself. */
export async function findResources(environment: Environment, names: readonly KindName[]): Promise<Resource[]> {
  const scope = await scopeWithVpcs(environment);
  const found = await Promise.all(names.map((name) => kindOf(name).find(scope)));
  return found.flat().filter(({ residual, owner }) => residual === undefined && owner !== "bootstrap");
}

/** The same as what a stage waits for. */
export async function findRemaining(
  environment: Environment,
  names: readonly KindName[],
  which = all,
): Promise<Remaining[]> {
  return (await findResources(environment, names)).filter(which).map(({ kind, name, facts }) => ({
    kind: kindOf(kind).title,
    name,
    ...(Object.keys(facts).length > 0 && {
      why: Object.entries(facts)
        .map(([fact, value]) => `${fact} ${value}`)
        .join(", "),
    }),
  }));
}

/** Asks AWS to delete what it shows of these kinds; what something else still uses is left for the next time. */
export async function removeFound(
  environment: Environment,
  names: readonly KindName[],
  which: Which,
  log: (line: string) => void,
): Promise<number> {
  const scope = await scopeWithVpcs(environment);
  let count = 0;
  for (const resource of (await findResources(environment, names)).filter(which)) {
    const kind = kindOf(resource.kind);
    log(`Deletes the ${kind.title} ${resource.name}.`);
    await kind.remove(scope, resource).catch((error: unknown) => {
      if (!isInUse(error)) throw error;
    });
    count += 1;
  }
  return count;
}
