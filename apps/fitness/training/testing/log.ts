import type { LoggedSet, WorkoutSession } from "../model/log.ts";

let sets = 0;

/** A working set: its weight in kilograms and its repetitions, unless other fields are given. */
export function setOf(
  exercise: string,
  weight: number | null,
  repetitions: number | null,
  more: Partial<LoggedSet> = {},
): LoggedSet {
  sets += 1;
  return {
    id: `set-${sets}`,
    exercise,
    at: "2026-11-02T18:00:00Z",
    entry: weight === null ? null : { value: weight, unit: "kg" },
    repetitions,
    seconds: null,
    metres: null,
    warmUp: false,
    ...more,
  };
}

/** A finished session on a day, at six in the evening. */
export function sessionOn(day: string, ...list: readonly LoggedSet[]): WorkoutSession {
  return {
    id: `session-${day}`,
    routine: null,
    day,
    startedAt: `${day}T18:00:00Z`,
    finishedAt: `${day}T19:00:00Z`,
    sets: list,
  };
}
