import { awsFailure } from "../aws/credentials.ts";
import { clusterName } from "../kubernetes/cluster.ts";
import { mapConcurrently } from "../core/concurrency.ts";
import type { Config } from "../config/config.ts";
import { zoneOf } from "../config/names.ts";
import { explain } from "../core/errors.ts";
import { readInventory, withoutBucket } from "./saved.ts";
import { isPart, kindOf, kindOfArn, kinds } from "../resources/kinds.ts";
import type { KindName, Resource } from "../resources/resource.ts";
import type { Scope } from "../resources/scope.ts";
import { taggedArns } from "../resources/tagging.ts";
import { stateLocation } from "../terraform/root.ts";
import { parseState } from "../terraform/state/file.ts";
import { openStateStore, type StateStore } from "../terraform/state/store.ts";

/** What could not be seen, or is of a kind that nobody here knows: it may be there, and it may bill. */
export interface Unknown {
  /** Its ARN, or the name of what could not be looked at. */
  id: string;
  /** What it is, or would be. */
  title: string;
  /** Why it is not known, one sentence. */
  why: string;
}

/** Everything of an environment that AWS shows at one moment. */
export interface Inventory {
  resources: Resource[];
  unknown: Unknown[];
  /** The ids of the environment's VPCs, also of those that were there once. */
  vpcs: string[];
}

/** Where to look for an environment of slipway.yaml. */
export function scopeOf(config: Config, environment: string, credentials: Scope["credentials"]): Scope {
  const { account, region } = config.aws;
  const { domain, zone } = config.environments[environment] ?? {};
  return {
    domain,
    zone: zoneOf({ domain, zone }),
    project: config.project,
    environment,
    account,
    region,
    credentials,
    vpcs: [],
    clusterName: clusterName(config, environment),
    bucket: stateLocation(config, "environment", environment).bucket,
  };
}

/**
 * Takes the inventory: what each service lists as ours, and what the saved inventory, Terraform's state and the index
 * of tags name besides, each asked of its own service. Whatever fails is unknown; nothing is taken for gone but for the
 * answer that says so.
 *
 * @param store the state bucket
 */
export async function takeInventory(scope: Scope, store: StateStore = openStateStore(scope)): Promise<Inventory> {
  const seen = new SeenResources();
  const saved = await seen.attempt("the saved inventory", () => readInventory(store, scope));
  const [named, vpcs] = await Promise.all([
    knownArns(scope, store, seen),
    // What is only known by its VPC needs the VPCs first. Their kind tells of a failure below.
    kindOf("vpc")
      .find(scope)
      .catch((): Resource[] => []),
  ]);
  const known = new Set([...scope.vpcs, ...(saved?.vpcs ?? []), ...vpcs.map(({ id }) => id.split("/").at(-1) ?? id)]);
  const wide = { ...scope, vpcs: [...known] };
  const failed = new Map<KindName, unknown>();
  await mapConcurrently(kinds, 8, async (kind) => {
    try {
      seen.add(await kind.find(wide));
    } catch (error) {
      failed.set(kind.name, error);
    }
  });
  const arns = [...new Set([...(saved?.resources.map(({ id }) => id) ?? []), ...named])];
  const open = arns.map(canonical).filter((arn) => !seen.has(arn) && !isPart(arn));
  await mapConcurrently(open, 8, (arn) => confirm(wide, arn, failed, seen));
  for (const [name, error] of failed) {
    const { title } = kindOf(name);
    const before = open.filter((arn) => kindOfArn(arn)?.name === name);
    const hint = before.length > 0 ? ` Known from before: ${before.join(", ")}.` : "";
    seen.fail(`every ${title}`, error, { id: name, title, hint });
  }
  return { resources: seen.sorted(), unknown: seen.unknown, vpcs: wide.vpcs };
}

/** The log group's ARN is written in two ways; everything else in one. */
const canonical = (arn: string) => (arn.includes(":logs:") ? arn.replace(/:\*$/, "") : arn);

/** What Terraform's state and the index of tags name. */
async function knownArns(scope: Scope, store: StateStore, seen: SeenResources): Promise<string[]> {
  const key = `environments/${scope.environment}/terraform.tfstate`;
  const [state, tagged] = await Promise.all([
    seen.attempt("Terraform's state", async () => {
      const found = await store.read(key).catch(withoutBucket);
      return found ? parseState(found.text, key, scope) : [];
    }),
    seen.attempt("the index of tags", () => taggedArns(scope)),
  ]);
  return [...(state ?? []).flatMap(({ arn }) => arn ?? []), ...(tagged ?? [])];
}

async function confirm(
  scope: Scope,
  arn: string,
  failed: ReadonlyMap<KindName, unknown>,
  seen: SeenResources,
): Promise<void> {
  const kind = kindOfArn(arn);
  if (!kind) {
    seen.unknown.push({ id: arn, title: "unknown", why: "AWS names it as ours, and Slipway does not know its kind." });
    return;
  }
  // Its whole kind is unknown already.
  if (failed.has(kind.name)) return;
  try {
    const found = await kind.confirm(scope, arn);
    if (found) seen.add([found]);
  } catch (error) {
    seen.fail(arn, error, { id: arn, title: kind.title });
  }
}

/** What has been seen so far, once each. */
class SeenResources {
  readonly #byId = new Map<string, Resource>();
  readonly unknown: Unknown[] = [];

  add(resources: readonly Resource[]): void {
    for (const resource of resources) this.#byId.set(resource.id, resource);
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** In the order of their kinds, so that two inventories of the same things are the same. */
  sorted(): Resource[] {
    const order = new Map(kinds.map(({ name }, index) => [name, index]));
    return [...this.#byId.values()].sort(
      (a, b) => (order.get(a.kind) ?? 0) - (order.get(b.kind) ?? 0) || (a.id < b.id ? -1 : 1),
    );
  }

  fail(what: string, error: unknown, { id, title, hint = "" }: { id: string; title: string; hint?: string }): void {
    this.unknown.push({ id, title, why: `${explain(awsFailure(`Looking for ${what}`, error))}${hint}` });
  }

  /** Does one part of the work; what it throws is unknown. */
  async attempt<T>(title: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.fail(title, error, { id: title, title });
      return undefined;
    }
  }
}
