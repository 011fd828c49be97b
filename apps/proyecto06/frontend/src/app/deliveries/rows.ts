import type { DeliverySummary } from "@slipway/contract";
import { type DeliveryFilter, matches } from "./filter";

/**
 * The rows of the list once changes have come in over the live connection: a known row is replaced, a new one is put
 * where its start belongs, and what no longer fits the filter goes.
 *
 * @param loaded the pages that were asked for, newest first
 * @param changes the newest change of each delivery, by its id
 * @param complete whether the loaded pages reach the list's end; if not, an older row belongs to a page still to come
 */
export function withChanges(
  loaded: readonly DeliverySummary[],
  changes: ReadonlyMap<string, DeliverySummary>,
  filter: DeliveryFilter,
  complete: boolean,
): DeliverySummary[] {
  if (changes.size === 0) return [...loaded];
  const oldest = complete ? "" : (loaded.at(-1)?.startedAt ?? "");
  const known = new Set(loaded.map(({ id }) => id));
  const added = [...changes.values()].filter(({ id, startedAt }) => !known.has(id) && startedAt >= oldest);
  return [...loaded.map((row) => changes.get(row.id) ?? row), ...added]
    .filter((row) => matches(filter, row))
    .sort((a, b) => compare(b.startedAt, a.startedAt) || compare(b.id, a.id));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
