import { addDays, type Day, weekOf } from "../calendar/days.ts";
import { plannedDays, type Schedule } from "../calendar/schedule.ts";

/** Something done without a gap: how long it lasts now, and how long it lasted at best. */
export interface Streak {
  current: number;
  longest: number;
}

/** The runs of `true` in a row; the current one ends at the end, where a last entry that is still open breaks nothing. */
function runsOf(kept: readonly boolean[], lastIsOpen: boolean): Streak {
  let run = 0;
  let longest = 0;
  for (const [index, each] of kept.entries()) {
    const open = lastIsOpen && index === kept.length - 1;
    run = each ? run + 1 : open ? run : 0;
    longest = Math.max(longest, run);
  }
  return { current: run, longest };
}

/**
 * Trainings in a row, as the schedule has them: days of rest break nothing, nor does today before it is over.
 *
 * @param trained the days with at least one finished session
 */
export function scheduleStreak(schedule: Schedule, trained: readonly Day[], today: Day): Streak {
  const done = new Set(trained);
  const planned = plannedDays(schedule, schedule.start, today);
  return runsOf(
    planned.map((day) => done.has(day)),
    planned.at(-1) === today,
  );
}

/** Weeks in a row with at least so many days of training; the week that runs breaks nothing. */
export function weekStreak(trained: readonly Day[], daysPerWeek: number, today: Day): Streak {
  const counts = new Map<Day, number>();
  for (const day of new Set(trained.filter((each) => each <= today)))
    counts.set(weekOf(day), (counts.get(weekOf(day)) ?? 0) + 1);
  const first = [...counts.keys()].toSorted()[0];
  if (first === undefined) return { current: 0, longest: 0 };
  const kept: boolean[] = [];
  for (let week = first; week <= weekOf(today); week = addDays(week, 7))
    kept.push((counts.get(week) ?? 0) >= daysPerWeek);
  return runsOf(kept, true);
}

/** What was planned in a time and what became of it. */
export interface Adherence {
  planned: number;
  /** Planned days on which there was a training. */
  done: number;
  /** Trainings on other days. */
  extra: number;
  /** `done` of `planned`, 0 to 1; null where nothing was planned. */
  share: number | null;
}

/** How far somebody kept to a schedule between two days, both included. */
export function adherenceOf(schedule: Schedule, trained: readonly Day[], from: Day, to: Day): Adherence {
  const planned = new Set(plannedDays(schedule, from, to));
  const days = [...new Set(trained)].filter((day) => day >= from && day <= to);
  const done = days.filter((day) => planned.has(day)).length;
  return {
    planned: planned.size,
    done,
    extra: days.length - done,
    share: planned.size === 0 ? null : done / planned.size,
  };
}
