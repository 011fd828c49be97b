import type { RoutineDay, RoutineItem } from "../model/routine.ts";

/** Sets of an exercise in repetitions. */
export function reps(exercise: string, sets: number, low: number, high: number, rest = 90): RoutineItem {
  return { exercise, sets, target: { kind: "repetitions", low, high }, rest, why: [] };
}

/** Sets of an exercise in seconds. */
export function hold(exercise: string, sets: number, low: number, high: number, rest = 60): RoutineItem {
  return { exercise, sets, target: { kind: "seconds", low, high }, rest, why: [] };
}

/** A training day. */
export const day = (id: string, ...items: readonly RoutineItem[]): RoutineDay => ({ id, items });
