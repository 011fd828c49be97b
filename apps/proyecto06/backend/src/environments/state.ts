import type { EnvironmentSummary, RunOutcome, RunKind } from "@slipway/contract";

/**
 * How an environment is, from the newest of its runs that did something: a cancelled one, or one that had nothing to do,
 * leaves it as it was.
 *
 * @param apps how many run there
 */
export function stateOf(
  newest: { kind: RunKind; outcome: RunOutcome } | null,
  apps: number,
): EnvironmentSummary["state"] {
  if (!newest) return "away";
  const open = newest.outcome === "waiting" || newest.outcome === "running";
  if (open) return newest.kind === "delivery" ? "delivering" : "tearing-down";
  if (newest.outcome === "failed") return "failed";
  return newest.kind === "delivery" && apps > 0 ? "live" : "away";
}
