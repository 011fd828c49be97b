import { type Day } from "../calendar/days.ts";
import type { Exercise } from "../model/exercise.ts";
import type { BodyWeight, LoggedSet } from "../model/log.ts";
import { convertWeight, kilograms, type Weight } from "./units.ts";

/**
 * The body weight that held on a day: the last one measured until then, else the first one after it.
 *
 * @returns undefined where none was ever measured
 */
export function bodyWeightOn(day: Day, measured: readonly BodyWeight[]): Weight | undefined {
  const inOrder = measured.toSorted((one, other) => (one.day < other.day ? -1 : one.day > other.day ? 1 : 0));
  return (inOrder.findLast((each) => each.day <= day) ?? inOrder[0])?.weight;
}

/** The part of a body that an exercise lifts; 0 kg where the body does not count. */
export function liftedBody(exercise: Pick<Exercise, "load" | "bodyShare">, body: Weight): Weight {
  const share = exercise.bodyShare ?? (exercise.load === "assisted" ? 1 : 0);
  return { value: body.value * share, unit: body.unit };
}

/**
 * What is really lifted. For assisted exercises, and for those that lift the body, it is the body weight of that day plus
 * the entry: 80 kg with an entry of −20 kg is 60 kg.
 *
 * @param entry as it was entered; null for no weight
 * @returns in the entry's unit (without an entry, in the body weight's), never below 0; undefined for time and distance,
 *   and where the body counts but its weight is unknown
 */
export function loadOf(
  exercise: Pick<Exercise, "load" | "bodyShare">,
  entry: Weight | null,
  body: Weight | undefined,
): Weight | undefined {
  if (exercise.load === "time" || exercise.load === "distance") return undefined;
  const counts = exercise.load === "assisted" || (exercise.bodyShare ?? 0) > 0;
  if (!counts) return entry ?? undefined;
  if (!body) return undefined;
  const lifted = liftedBody(exercise, body);
  if (!entry) return lifted;
  return { value: Math.max(0, convertWeight(lifted, entry.unit).value + entry.value), unit: entry.unit };
}

/** The volume of a set in kilograms: its load times its repetitions. 0 for a warm-up, and where there is no load. */
export function volumeOf(set: LoggedSet, exercise: Exercise, body: Weight | undefined): number {
  const load = loadOf(exercise, set.entry, body);
  return set.warmUp || !load || set.repetitions === null ? 0 : kilograms(load) * set.repetitions;
}
