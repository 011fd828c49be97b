import type { Measures } from "@slipway/contract";

export type Interval = Measures["interval"];

/** What the measures are asked for, as the address has it. */
export interface MeasuresFilter {
  /** The empty string: all environments. */
  environment: string;
  interval: Interval;
  /** Days back from today, in digits. */
  range: Range;
}

export const intervals: readonly Interval[] = ["day", "week", "month"];
export const ranges = ["30", "90", "180", "365"] as const;
export type Range = (typeof ranges)[number];

/** Reads a query from an address: by default a quarter of a year, by week. */
export function measuresQueryOf(parameters: { get(name: string): string | null }): MeasuresFilter {
  return {
    environment: parameters.get("environment")?.trim() ?? "",
    interval: intervals.find((each) => each === parameters.get("interval")) ?? "week",
    range: ranges.find((each) => each === parameters.get("range")) ?? "90",
  };
}

/** A query for the address; defaults are left out (`null` takes a parameter away). */
export function measuresAddressOf({
  environment,
  interval,
  range,
}: MeasuresFilter): Record<keyof MeasuresFilter, string | null> {
  return {
    environment: environment || null,
    interval: interval === "week" ? null : interval,
    range: range === "90" ? null : range,
  };
}

/**
 * A query for `GET /api/measures`. It ends within today (in UTC, as the intervals do), whose day counts, and stays the same
 * for that day.
 */
export function measuresRequestOf(
  { environment, interval, range }: MeasuresFilter,
  now: number,
): Record<string, string> {
  const day = 86_400_000;
  const end = (Math.floor(now / day) + 1) * day;
  return {
    ...(environment && { environment }),
    interval,
    from: new Date(end - Number(range) * day).toISOString(),
    to: new Date(end - 1).toISOString(),
  };
}
