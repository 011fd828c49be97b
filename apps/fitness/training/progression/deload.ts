import { type Day, daysBetween } from "../calendar/days.ts";
import { nearestLoad } from "../measure/loads.ts";
import type { Level } from "../model/exercise.ts";

/** Weeks from one deload to the next, its own week included (sources.ts: `rogerson`, every 5.6 ± 2.3 weeks). */
export const deloadWeeks: Readonly<Record<Level, number>> = { novice: 8, intermediate: 6, advanced: 5 };

/** What is left of the sets and of the load in such a week. */
export const deloadShare = { sets: 0.5, load: 0.9 } as const;

/** The week of a plan, from 0. @param start the plan's first day, or the first day after a long break */
export const weekOfPlan = (start: Day, day: Day): number => Math.floor(daysBetween(start, day) / 7);

/** Whether a day lies in a deload week: the last of each round. Before the start it never does. */
export function isDeload(level: Level, start: Day, day: Day): boolean {
  const week = weekOfPlan(start, day);
  return week >= 0 && week % deloadWeeks[level] === deloadWeeks[level] - 1;
}

/** The sets of a deload week: half of them, at least one. */
export const deloadSets = (sets: number): number => Math.max(1, Math.ceil(sets * deloadShare.sets));

/**
 * The entry of a deload week: what makes nine tenths of the lifted load, as equipment allows.
 *
 * @param body the part of the body that is lifted with it, in the entry's unit
 */
export function deloadEntry(entry: number, body: number, loads: readonly number[]): number {
  const wanted = Math.max(0, entry + body) * deloadShare.load - body;
  const lighter = loads.filter((load) => load <= entry);
  return nearestLoad(wanted, lighter) ?? entry;
}
