import { addDays, type Day, daysIn, monthOf, weekOf } from "../calendar/days.ts";

/** From one day to another, both included. */
export interface StatisticsRange {
  from: Day;
  to: Day;
}

export const spans = ["4-weeks", "3-months", "1-year", "all"] as const;
export type Span = (typeof spans)[number];

/**
 * The range of a span that ends today.
 *
 * @param first the first day that there is anything of: where `all` begins
 */
export function rangeOf(span: Span, today: Day, first: Day): StatisticsRange {
  const lengths = { "4-weeks": 28, "3-months": 91, "1-year": 365 };
  if (span === "all") return { from: first < today ? first : today, to: today };
  return { from: addDays(today, 1 - lengths[span]), to: today };
}

export const isIn = (day: Day, { from, to }: StatisticsRange): boolean => day >= from && day <= to;

export const intervals = ["day", "week", "month"] as const;
export type StatisticsInterval = (typeof intervals)[number];

/** The first day of a day's interval: itself, its Monday, or the first of its month. */
export function startOf(day: Day, interval: StatisticsInterval): Day {
  return interval === "day" ? day : interval === "week" ? weekOf(day) : monthOf(day);
}

/** A point of a chart, and a row of its table. */
export interface Point<Value = number> {
  /** The interval's first day. */
  day: Day;
  value: Value;
}

/** Every interval of a range with the sum of what lies in it: 0 where nothing does. */
export function sums(values: readonly Point[], range: StatisticsRange, interval: StatisticsInterval): Point[] {
  const total = new Map<Day, number>(daysIn(range.from, range.to).map((day) => [startOf(day, interval), 0]));
  for (const { day, value } of values) {
    const start = startOf(day, interval);
    if (isIn(day, range)) total.set(start, (total.get(start) ?? 0) + value);
  }
  return [...total].map(([day, value]) => ({ day, value }));
}
