import type { DeliverySummary } from "@slipway/contract";

/** Seconds from commit to proof: the delivery's lead time. Null while there is no proof, and where there is no commit. */
export function leadTime({ committedAt, provenAt }: Pick<DeliverySummary, "committedAt" | "provenAt">): number | null {
  return committedAt && provenAt ? (Date.parse(provenAt) - Date.parse(committedAt)) / 1_000 : null;
}
