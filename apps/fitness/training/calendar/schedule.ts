import type { Routine } from "../model/routine.ts";
import { addDays, type Day, daysBetween, daysIn } from "./days.ts";

/** A routine's cycle, laid on the calendar. It loops over days: a cycle of four does not care for weeks. */
export interface Schedule {
  /** The calendar day of the cycle's first slot. */
  start: Day;
  cycle: Routine["cycle"];
}

/** What a day has: the id of a training day, null for rest, undefined before the start and for an empty cycle. */
export function slotOn({ start, cycle }: Schedule, day: Day): string | null | undefined {
  const passed = daysBetween(start, day);
  return passed < 0 ? undefined : cycle[passed % cycle.length];
}

/** The first day from `from` on that has a training; undefined for a cycle without any. */
export function nextTraining(schedule: Schedule, from: Day): { day: Day; training: string } | undefined {
  const first = from < schedule.start ? schedule.start : from;
  for (const day of daysIn(first, addDays(first, schedule.cycle.length - 1))) {
    const training = slotOn(schedule, day);
    if (typeof training === "string") return { day, training };
  }
  return undefined;
}

/** The days of a range that have a training. */
export function plannedDays(schedule: Schedule, from: Day, to: Day): Day[] {
  return daysIn(from, to).filter((day) => typeof slotOn(schedule, day) === "string");
}

/** The schedule from a day on, everything later by `days`: what was to come that day comes then. */
export function postpone(schedule: Schedule, from: Day, days: number): Schedule {
  const passed = daysBetween(schedule.start, from);
  if (passed < 0 || schedule.cycle.length === 0) return { ...schedule, start: addDays(schedule.start, days) };
  const at = passed % schedule.cycle.length;
  return { start: addDays(from, days), cycle: [...schedule.cycle.slice(at), ...schedule.cycle.slice(0, at)] };
}
