import { clusterName } from "../../cluster.ts";
import { kindNamed } from "../../resources/kinds.ts";
import { emptyRepository } from "../../resources/registry.ts";
import { type Resource, type Scope, tagOf } from "../../resources/resource.ts";
import { environmentTags, findVpcs } from "../network.ts";
import type { Environment } from "../stage.ts";
import type { Left } from "./down.ts";

/** Which of the resources that were found are meant. */
export type Which = (resource: Resource) => boolean;

const all: Which = () => true;

/** Where to look for an environment's resources, as far as its VPC is still there to say so. */
export async function scopeOf(environment: Environment, imagesStay?: string): Promise<Scope> {
  const { config, credentials, name } = environment;
  const { account, region } = config.aws;
  const vpcs = await vpcsWith(environment, environmentTags(config, name));
  return {
    ...{ project: config.project, environment: name, account, region, credentials, imagesStay },
    clusterName: clusterName(config, name),
    vpcs: vpcs.flatMap(({ VpcId: id }) => id ?? []),
  };
}

/** What AWS shows of these kinds, but for what is kept on purpose. */
export async function findResources(environment: Environment, kinds: readonly string[]): Promise<Resource[]> {
  const scope = await scopeOf(environment);
  const found = await Promise.all(kinds.map((name) => kindNamed(name).find(scope)));
  return found.flat().filter(({ kept, residual }) => kept === undefined && residual === undefined);
}

/** The same as what a stage waits for. */
export async function findLeft(environment: Environment, kinds: readonly string[], which = all): Promise<Left[]> {
  return (await findResources(environment, kinds)).filter(which).map(({ kind, name, facts }) => ({
    kind: kind.replaceAll("-", " "),
    name,
    ...(Object.keys(facts).length > 0 && { why: Object.entries(facts).map(([fact, value]) => `${fact} ${value}`).join(", ") }),
  }));
}

/** Asks AWS to delete what it shows of these kinds. @returns how many there were */
export async function removeFound(
  environment: Environment,
  kinds: readonly string[],
  which: Which,
  log: (line: string) => void,
): Promise<number> {
  const scope = await scopeOf(environment);
  let count = 0;
  for (const name of kinds) {
    const kind = kindNamed(name);
    for (const resource of (await kind.find(scope)).filter((each) => each.kept === undefined && which(each))) {
      log(`Deletes the ${name.replaceAll("-", " ")} ${resource.name}.`);
      await kind.remove?.(scope, resource);
      count += 1;
    }
  }
  return count;
}

/** Deletes every image of the project, page by page. */
export async function emptyRepositories(environment: Environment, log: (line: string) => void): Promise<void> {
  const scope = await scopeOf(environment);
  for (const { name, facts } of await kindNamed("repository").find(scope)) {
    if (facts.images === 0) continue;
    log(`Deletes ${facts.images} images of ${name}.`);
    await emptyRepository(scope, name);
  }
}

/** The other environments of the project that have a VPC. */
export async function otherEnvironments(environment: Environment): Promise<string[]> {
  const { config, name } = environment;
  const vpcs = await vpcsWith(environment, environmentTags(config, name).slice(0, 1));
  const names = vpcs.flatMap(({ Tags }) => tagOf(Tags, "slipway:environment") ?? []);
  return [...new Set(names.filter((each) => each !== name))].sort();
}

async function vpcsWith({ config, credentials }: Environment, tags: ReturnType<typeof environmentTags>) {
  const { EC2Client } = await import("@aws-sdk/client-ec2");
  const client = new EC2Client({ region: config.aws.region, credentials });
  try {
    return await findVpcs(client, tags);
  } finally {
    client.destroy();
  }
}
