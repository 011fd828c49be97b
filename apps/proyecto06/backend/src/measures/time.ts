import { Problem } from "@slipway/kit";
import type { Measures } from "@slipway/contract";
import type { MeasuresQuery } from "./schemas.ts";

type Interval = Measures["interval"];

const day = 86_400_000;
/** How many intervals are shown where nobody asked for a time, in days. */
const usualDays = { day: 30, week: 26 * 7, month: 365 };
const mostIntervals = 1_000;

/** The first instant of the day, week (from Monday, as ISO 8601 has it) or month of an instant, in UTC. */
export function startOf(interval: Interval, instant: Date): Date {
  const start = new Date(instant);
  start.setUTCHours(0, 0, 0, 0);
  if (interval === "week") start.setUTCDate(start.getUTCDate() - ((start.getUTCDay() + 6) % 7));
  if (interval === "month") start.setUTCDate(1);
  return start;
}

function next(interval: Interval, start: Date): Date {
  const after = new Date(start);
  if (interval === "month") after.setUTCMonth(after.getUTCMonth() + 1);
  else after.setUTCDate(after.getUTCDate() + (interval === "week" ? 7 : 1));
  return after;
}

/** The time that measures are asked for, by whole days: from its first instant to before its last, and its intervals. */
export interface MeasuredTime {
  from: Date;
  to: Date;
  starts: Date[];
}

/**
 * What a query means. The first and last interval are cut where the time begins and ends.
 *
 * @throws Problem 400 for a time that ends before it begins, or has more intervals than anybody can look at
 */
export function measuredTime({ interval, from, to }: MeasuresQuery, now = new Date()): MeasuredTime {
  const last = startOf("day", to === undefined ? now : new Date(Date.parse(to) - 1));
  const end = new Date(last.getTime() + day);
  const usual = startOf(interval, new Date(end.getTime() - usualDays[interval] * day));
  const begin = from === undefined ? usual : startOf("day", new Date(from));
  if (begin >= end) throw new Problem(400, "The time ends before it begins.");
  const starts: Date[] = [];
  for (let start = startOf(interval, begin); start < end; start = next(interval, start)) {
    if (starts.push(start) > mostIntervals)
      throw new Problem(400, `More than ${mostIntervals} intervals: ask for longer ones, or for less time.`);
  }
  return { from: begin, to: end, starts };
}
