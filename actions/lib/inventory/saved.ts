import * as z from "zod";
import { SlipwayError } from "../core/errors.ts";
import { belongings } from "../resources/ownership.ts";
import { kindNames } from "../resources/resource.ts";
import { type Scope } from "../resources/scope.ts";
import type { StateStore } from "../terraform/state/store.ts";

const savedInventory = z.object({
  version: z.literal(1),
  project: z.string(),
  environment: z.string(),
  account: z.string(),
  region: z.string(),
  /** When it was last written, ISO 8601. */
  savedAt: z.string(),
  /** The ids of the VPCs that were the environment's. */
  vpcs: z.array(z.string()),
  resources: z.array(
    z.object({
      kind: z.enum(kindNames),
      id: z.string(),
      name: z.string(),
      owner: z.enum(["environment", "project", "bootstrap"]),
      by: z.enum(belongings),
      facts: z.record(z.string(), z.union([z.string(), z.number()])),
    }),
  ),
});

/** What was known to belong to an environment when it was last looked at, and every time before. */
export type SavedInventory = z.infer<typeof savedInventory>;

/** What is known now, to be added. */
export interface Known {
  vpcs: readonly string[];
  resources: readonly SavedInventory["resources"][number][];
}

/** Where an environment's inventory is kept: next to its state. */
export const inventoryKey = (environment: string) => `environments/${environment}/inventory.json`;

/**
 * Reads what was saved.
 *
 * @returns undefined when nothing was saved, also where there is no state bucket
 * @throws SlipwayError when it cannot be read, or is another environment's
 */
export async function readInventory(store: StateStore, scope: Scope): Promise<SavedInventory | undefined> {
  const key = inventoryKey(scope.environment);
  const found = await store.read(key).catch(withoutBucket);
  if (!found) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(found.text);
  } catch {
    json = undefined;
  }
  const parsed = savedInventory.safeParse(json);
  const { project, environment, account, region } = scope;
  const ours = { project, environment, account, region };
  const fits = Object.entries(ours).every(([name, value]) => parsed.data?.[name as keyof typeof ours] === value);
  if (!parsed.success || !fits)
    throw new SlipwayError(
      `${key} in ${scope.bucket} is not an inventory of ${project}'s ${environment} in account ${account}, ${region}.`,
      { next: "Bring back an earlier version of the object, or remove it.", reason: "inventory-unreadable" },
    );
  return parsed.data;
}

/** What cannot be there without a bucket is not there. */
export function withoutBucket(error: unknown): undefined {
  if (!(error instanceof SlipwayError && error.reason === "not-bootstrapped")) throw error;
}

/**
 * Adds what is there now to what was saved before, so that nothing that was ever seen is lost, and reads it back.
 *
 * @param found what is there now
 * @param replace leaves out what was saved before: only for what a receipt has shown to be all
 * @throws SlipwayError when it cannot be written, or reads differently afterwards
 */
export async function saveInventory(
  store: StateStore,
  scope: Scope,
  found: Known,
  { replace = false } = {},
): Promise<SavedInventory> {
  const earlier = replace ? undefined : await readInventory(store, scope);
  const saved = mergeInventories(scope, earlier, found);
  const key = inventoryKey(scope.environment);
  await store.write(key, `${JSON.stringify(saved, null, 2)}\n`);
  const again = await readInventory(store, scope);
  if (again?.savedAt !== saved.savedAt || again.resources.length !== saved.resources.length)
    throw new SlipwayError(`${key} in ${scope.bucket} reads differently after it was written.`, {
      next: "Run this again when nothing else works on the environment.",
      reason: "inventory-unreadable",
    });
  return saved;
}

/** The union of both, by id; what is known now counts. */
export function mergeInventories(
  { project, environment, account, region }: Scope,
  earlier: SavedInventory | undefined,
  found: Known,
  now = new Date(),
): SavedInventory {
  const byId = new Map(earlier?.resources.map((resource) => [resource.id, resource]));
  for (const { kind, id, name, owner, by, facts } of found.resources)
    byId.set(id, { kind, id, name, owner, by, facts });
  return {
    version: 1,
    project,
    environment,
    account,
    region,
    savedAt: now.toISOString(),
    vpcs: [...new Set([...(earlier?.vpcs ?? []), ...found.vpcs])],
    resources: [...byId.values()],
  };
}
