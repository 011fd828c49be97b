import type { DeliverySummary, RunOutcome, RunKind } from "@slipway/contract";

/** Which deliveries are shown. The empty string stands for "all", as in the address and in a form. */
export interface DeliveryFilter {
  environment: string;
  kind: RunKind | "";
  outcome: RunOutcome | "";
  author: string;
  search: string;
  /** First and last day, YYYY-MM-DD, of the person's own calendar. */
  from: string;
  to: string;
}

export const kinds: readonly RunKind[] = ["delivery", "teardown"];
export const outcomes: readonly RunOutcome[] = ["waiting", "running", "succeeded", "failed", "cancelled", "skipped"];

/** Reads a filter from an address. What it does not know there counts as "all". */
export function filterOf(parameters: { get(name: string): string | null }): DeliveryFilter {
  const text = (name: string) => parameters.get(name)?.trim() ?? "";
  const oneOf = <Value extends string>(values: readonly Value[], value: string) =>
    values.find((each) => each === value) ?? "";
  const day = (value: string) => (/^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value)) ? value : "");
  return {
    environment: text("environment"),
    kind: oneOf(kinds, text("kind")),
    outcome: oneOf(outcomes, text("outcome")),
    author: text("author"),
    search: text("search"),
    from: day(text("from")),
    to: day(text("to")),
  };
}

/** A filter for the address: `null` takes a parameter away. */
export function addressOf(filter: DeliveryFilter): Record<keyof DeliveryFilter, string | null> {
  const { environment, kind, outcome, author, search, from, to } = filter;
  return {
    environment: environment || null,
    kind: kind || null,
    outcome: outcome || null,
    author: author.trim() || null,
    search: search.trim() || null,
    from: from || null,
    to: to || null,
  };
}

/** A filter for `GET /api/deliveries`: days become the instants between which they lie, the last one excluded. */
export function queryOf(filter: DeliveryFilter): Record<string, string> {
  const { from, to } = boundsOf(filter);
  const query = { ...addressOf(filter), from: iso(from), to: iso(to) };
  return Object.fromEntries(Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== null));
}

/** How many parts of a filter are set. */
export function countOf(filter: DeliveryFilter): number {
  return Object.values(addressOf(filter)).filter((value) => value !== null).length;
}

/** Whether a delivery that came over the live connection belongs to what is shown, judged as the backend would. */
export function matches(filter: DeliveryFilter, delivery: DeliverySummary): boolean {
  const { from, to } = boundsOf(filter);
  const started = Date.parse(delivery.startedAt);
  const { actor, branch, commit } = delivery.identity;
  const searched = [delivery.title, delivery.author, actor, branch, commit].join(" ").toLowerCase();
  const words = filter.search.trim().toLowerCase();
  return (
    (!filter.environment || delivery.environment === filter.environment) &&
    (!filter.kind || delivery.kind === filter.kind) &&
    (!filter.outcome || delivery.outcome === filter.outcome) &&
    (!filter.author || delivery.author === filter.author.trim()) &&
    (from === null || started >= from) &&
    (to === null || started < to) &&
    (!words || searched.includes(words))
  );
}

/** The instants of a filter's days: local midnight, and the midnight after the last day. */
function boundsOf({ from, to }: DeliveryFilter): { from: number | null; to: number | null } {
  const midnight = (day: string, later: number) => {
    const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
    return new Date(year, month - 1, date + later).getTime();
  };
  return { from: from ? midnight(from, 0) : null, to: to ? midnight(to, 1) : null };
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
