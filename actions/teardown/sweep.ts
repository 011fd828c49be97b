import { setTimeout as sleep } from "node:timers/promises";
import { awsFailure } from "../lib/aws/credentials.ts";
import { mapConcurrently } from "../lib/core/concurrency.ts";
import { explain, messageOf, SlipwayError } from "../lib/core/errors.ts";
import { saveInventory, withoutBucket } from "../lib/inventory/saved.ts";
import type { Receipt, ReceiptItem } from "../lib/receipt/receipt.ts";
import { kindOf, kinds } from "../lib/resources/kinds.ts";
import { isInUse, type KindName, type Resource } from "../lib/resources/resource.ts";
import { type Scope } from "../lib/resources/scope.ts";
import { parseState, type StateResource } from "../lib/terraform/state/file.ts";
import type { StateStore } from "../lib/terraform/state/store.ts";

type Leftover = Extract<ReceiptItem, { class: "billable" | "free-residual" }>;

/** What a sweep would remove, in order, and what it leaves alone, with the reason. */
export interface SweepPlan {
  remove: Leftover[];
  leave: { item: ReceiptItem; why: string }[];
}

/** How a sweep ended for one leftover. */
export type Swept = { item: Leftover } & ({ gone: true } | { gone: false; why: string });

/** What Terraform's state of a root still holds; nothing where there is no state. */
async function heldBy(store: StateStore, key: string, scope: Scope): Promise<StateResource[]> {
  const found = await store.read(key).catch(withoutBucket);
  return found ? parseState(found.text, key, scope) : [];
}

/**
 * Plans a sweep: leftovers that are ours by tag, name or inventory go; what is only in our VPC, what is kept and what is
 * not known stays.
 *
 * @throws SlipwayError with reason `state-holds-resources` while Terraform's state of the environment holds anything:
 * what is in it is not a leftover
 */
export async function planSweep(scope: Scope, store: StateStore, receipt: Receipt): Promise<SweepPlan> {
  const { environment } = scope;
  const held = await heldBy(store, `environments/${environment}/terraform.tfstate`, scope);
  if (held.length > 0)
    throw new SlipwayError(
      `Terraform's state of ${environment} holds ${held.length} resources: it is not a leftover.`,
      {
        next: `Take the environment away first: run the workflow "destroy" for ${environment}.`,
        reason: "state-holds-resources",
      },
    );
  const registry = await heldBy(store, "registry/terraform.tfstate", scope);
  const plan: SweepPlan = { remove: [], leave: [] };
  for (const item of receipt.items) {
    const why = reasonToLeave(item, registry.length > 0);
    if (why !== undefined) plan.leave.push({ item, why });
    else if (item.class === "billable" || item.class === "free-residual") plan.remove.push(item);
  }
  const order = new Map(kinds.map(({ name }, index) => [name, index]));
  plan.remove.sort((a, b) => (order.get(a.kind) ?? 0) - (order.get(b.kind) ?? 0));
  return plan;
}

function reasonToLeave(item: ReceiptItem, registryHeld: boolean): string | undefined {
  if (item.class === "kept" || item.class === "unknown") return item.why;
  if (item.class === "free-residual" && item.why !== undefined) return item.why;
  if (item.by === "vpc") return "It is in the environment's VPC, but neither tagged nor named as ours.";
  if (item.owner === "project" && registryHeld) return "Terraform's state of the registry holds it.";
  return undefined;
}

/** Minutes that AWS may take to delete one, where it takes longer than ten. */
const minutes: Partial<Record<KindName, number>> = { cluster: 30, "node-group": 30 };
const usualMinutes = 10;

/** How a sweep is done. */
export interface SweepRequest {
  scope: Scope;
  store: StateStore;
  /** What the plan was made from: it is saved first, since what is only known by its VPC is lost with the VPC. */
  receipt: Receipt;
  /** What `planSweep` says is to be removed. */
  remove: readonly Leftover[];
  /** Told of everything that is gone, or is not. */
  onSwept?: (swept: Swept) => void;
  /** Milliseconds between two looks, which begin closer together; five seconds when left out. */
  interval?: number;
  /** Milliseconds for each; as long as AWS may take when left out. */
  deadline?: number;
  signal?: AbortSignal;
}

/**
 * Removes leftovers kind by kind, and waits until AWS shows each as gone, or on its way without being billed.
 * What cannot be removed does not keep the next from being tried.
 */
export async function sweep({ scope, remove, onSwept, signal, ...request }: SweepRequest): Promise<Swept[]> {
  const resources = request.receipt.items.filter((item) => item.class !== "unknown");
  const vpcs = resources.flatMap(({ kind, id }) => (kind === "vpc" ? (id.split("/").at(-1) ?? []) : []));
  await saveInventory(request.store, scope, { vpcs, resources }).catch(withoutBucket);
  const swept: Swept[] = [];
  for (const [kind, items] of Map.groupBy(remove, (item) => item.kind)) {
    const deadline = request.deadline ?? (minutes[kind] ?? usualMinutes) * 60_000;
    const ended = await mapConcurrently(items, 8, async (item) => {
      const why = await removeOne(scope, item, { interval: request.interval ?? 5_000, deadline, signal });
      const result: Swept = why === undefined ? { item, gone: true } : { item, gone: false, why };
      onSwept?.(result);
      return result;
    });
    swept.push(...ended);
  }
  return swept;
}

/** @returns why it is still there; undefined when it is not */
async function removeOne(
  scope: Scope,
  item: Leftover,
  { interval, deadline, signal }: { interval: number; deadline: number; signal: AbortSignal | undefined },
): Promise<string | undefined> {
  const kind = kindOf(item.kind);
  const end = Date.now() + deadline;
  let blocked: string | undefined;
  let asked = false;
  try {
    // Most things are gone at once, some take minutes.
    for (let pause = Math.min(250, interval); ; pause = Math.min(2 * pause, interval)) {
      const found = await kind.confirm(scope, item.id);
      if (!found || found.residual !== undefined) return undefined;
      if (!asked) {
        blocked = await askToRemove(scope, ownedAs(found, item));
        asked = blocked === undefined;
      }
      if (Date.now() + pause > end) return blocked ?? "AWS has not deleted it yet.";
      await sleep(pause, undefined, { signal });
    }
  } catch (error) {
    signal?.throwIfAborted();
    return explain(awsFailure(`Deleting ${item.name}`, error));
  }
}

/** @returns why it cannot go yet; undefined once AWS has taken it up. @throws the SDK's error for whatever else fails */
async function askToRemove(scope: Scope, found: Resource): Promise<string | undefined> {
  try {
    await kindOf(found.kind).remove(scope, found);
    return undefined;
  } catch (error) {
    if (!isInUse(error)) throw error;
    return `${messageOf(error)} (${error instanceof Error ? error.name : "error"})`;
  }
}

/** Whose it is, the receipt said: a resource that AWS describes alone has less to tell it by. */
const ownedAs = (found: Resource, { owner, by }: Leftover): Resource => ({ ...found, owner, by });
