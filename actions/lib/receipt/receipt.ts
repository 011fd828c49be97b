import { setTimeout as sleep } from "node:timers/promises";
import { awsFailure } from "../aws/credentials.ts";
import { explain } from "../core/errors.ts";
import { type Inventory, takeInventory, type Unknown } from "../inventory/inventory.ts";
import { otherEnvironments } from "../inventory/other-environments.ts";
import { costOf, hoursPerMonth } from "../prices/prices.ts";
import { kindOf } from "../resources/kinds.ts";
import type { Belonging } from "../resources/ownership.ts";
import type { KindName, Owner, Resource } from "../resources/resource.ts";
import type { Scope } from "../resources/scope.ts";
import { openStateStore, type StateStore } from "../terraform/state/store.ts";

/** What is on purpose still there after a teardown: kinds, each with the reason. */
export type KeepPolicy = Partial<Record<KindName, string>>;

/** One thing that a receipt lists. */
export type ReceiptItem = {
  /** What it is, for a person. */
  title: string;
  /** Its ARN; of what could not be looked at, its name. */
  id: string;
  name: string;
} & (
  | {
      class: "billable";
      kind: KindName;
      owner: Owner;
      by: Belonging;
      facts: Resource["facts"];
      monthlyUsd: number | null;
    }
  /** Costs nothing. With `why` it goes by itself; without, it is left over. */
  | { class: "free-residual"; kind: KindName; owner: Owner; by: Belonging; facts: Resource["facts"]; why?: string }
  | {
      class: "kept";
      kind: KindName;
      owner: Owner;
      by: Belonging;
      facts: Resource["facts"];
      monthlyUsd: number | null;
      why: string;
    }
  | { class: "unknown"; why: string }
);

/** What is left of an environment, and whether that may be. */
export interface Receipt {
  /** Of this form; a field that means something else gets another. */
  version: 1;
  project: string;
  environment: string;
  account: string;
  region: string;
  /** When it was last looked, ISO 8601. */
  at: string;
  /** Whether nothing is left that bills, nothing is unknown, and a second look agreed where one was asked for. */
  clean: boolean;
  /** How often it was looked, and over how many seconds. */
  looks: number;
  seconds: number;
  items: ReceiptItem[];
  /** US dollars a month for everything billable whose price is known; what is kept is summed apart. */
  monthlyUsd: number;
  keptMonthlyUsd: number;
}

/** How a receipt is made. */
export interface ReceiptRequest {
  scope: Scope;
  keep?: KeepPolicy;
  /** Milliseconds over which it must stay clean: two looks at least. One look does when left out. */
  settle?: number;
  /** Milliseconds after which the last look counts; three times `settle` when left out. */
  deadline?: number;
  signal?: AbortSignal;
  /** The state bucket. */
  store?: StateStore;
  /** Told of every look. */
  onLook?: (receipt: Receipt) => void;
}

/** Between two looks, in milliseconds, unless `settle` is shorter. */
const interval = 30_000;

/** Looks at what is left. Never throws for what AWS does not show: that is `unknown`, and the receipt is red. */
export async function makeReceipt(request: ReceiptRequest): Promise<Receipt> {
  const { scope, keep = {}, settle = 0, signal, onLook, store = openStateStore(scope) } = request;
  const began = Date.now();
  const end = began + (request.deadline ?? 3 * settle);
  let cleanSince: number | undefined;
  for (let looks = 1; ; looks += 1) {
    const [inventory, others] = await Promise.all([takeInventory(scope, store), findOthers(scope, store)]);
    const now = Date.now();
    const seconds = Math.round((now - began) / 1000);
    const receipt = receiptOf(scope, inventory, others, keep, { looks, seconds, at: new Date(now) });
    onLook?.(receipt);
    cleanSince = receipt.clean ? (cleanSince ?? now) : undefined;
    const settled = settle === 0 || (cleanSince !== undefined && looks > 1 && now - cleanSince >= settle);
    if (settled) return receipt;
    const wait = Math.min(interval, settle);
    if (now + wait > end) return receipt.clean ? unsettled(receipt, settle) : receipt;
    await sleep(wait, undefined, { signal });
  }
}

/** A receipt that was clean, but not for long enough before its deadline. */
function unsettled(receipt: Receipt, settle: number): Receipt {
  const why = `Nothing was left at the last look, but not yet for ${Math.round(settle / 1000)} seconds: look again later.`;
  return {
    ...receipt,
    clean: false,
    items: [...receipt.items, { class: "unknown", title: "second look", id: "second-look", name: "second look", why }],
  };
}

/** The other environments of the project; or why that cannot be told. */
export type OtherEnvironments = { names: string[] } | { unknown: Unknown };

async function findOthers(scope: Scope, store: StateStore): Promise<OtherEnvironments> {
  try {
    return { names: await otherEnvironments(scope, store) };
  } catch (error) {
    const why = explain(awsFailure("Looking for the project's other environments", error));
    return { unknown: { id: "other-environments", title: "other environments", why } };
  }
}

/** Classifies what was found. */
export function receiptOf(
  scope: Scope,
  inventory: Inventory,
  others: OtherEnvironments,
  keep: KeepPolicy,
  { looks, seconds, at }: { looks: number; seconds: number; at: Date },
): Receipt {
  const { project, environment, account, region } = scope;
  const names = "names" in others ? others.names : [];
  const unknown = [...inventory.unknown, ...("unknown" in others ? [others.unknown] : [])];
  const items = [
    ...inventory.resources.map((resource) => itemOf(resource, region, keptBecause(resource, keep, names))),
    ...unknown.map(({ id, title, why }): ReceiptItem => ({ class: "unknown", title, id, name: id, why })),
  ];
  const sum = (of: "billable" | "kept") =>
    items.reduce((total, item) => total + (item.class === of ? (item.monthlyUsd ?? 0) : 0), 0);
  return {
    version: 1,
    project,
    environment,
    account,
    region,
    at: at.toISOString(),
    clean: !items.some((item) => item.class === "billable" || item.class === "unknown"),
    looks,
    seconds,
    items,
    monthlyUsd: sum("billable"),
    keptMonthlyUsd: sum("kept"),
  };
}

/** Why a resource may be there; undefined for one that may not. */
function keptBecause(
  { owner, kind, facts }: Resource,
  keep: KeepPolicy,
  others: readonly string[],
): string | undefined {
  if (owner === "bootstrap")
    return "./slipway bootstrap made it, for all environments; it goes when somebody decides so.";
  if (keep[kind] !== undefined) return keep[kind];
  if (facts.kept !== undefined) return `A teardown was asked to keep it (${String(facts.kept).slice(0, 10)}).`;
  if (owner === "project" && others.length > 0) return `The project's other environments use it: ${others.join(", ")}.`;
  // The images' key is useless without them, and they are useless without it.
  if (owner === "project" && kind === "key") return keep.repository;
  return undefined;
}

function itemOf(resource: Resource, region: string, kept: string | undefined): ReceiptItem {
  const { kind, id, name, owner, by, facts, billables, residual } = resource;
  const base = { title: kindOf(kind).title, id, name, kind, owner, by, facts };
  if (kept !== undefined) return { ...base, class: "kept", monthlyUsd: monthly(resource, region), why: kept };
  if (billables.length > 0) return { ...base, class: "billable", monthlyUsd: monthly(resource, region) };
  return { ...base, class: "free-residual", ...(residual !== undefined && { why: residual }) };
}

/** US dollars a month; null where the price is not known here. */
function monthly({ billables }: Resource, region: string): number | null {
  const { perHour, unknown } = costOf(billables, region);
  return unknown.length > 0 ? null : perHour * hoursPerMonth;
}
