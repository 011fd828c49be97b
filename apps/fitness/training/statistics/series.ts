import { bodyWeightOn, loadOf, volumeOf } from "../measure/load.ts";
import { type Estimate, type Formula, oneRepetitionMaximum } from "../measure/one-repetition-maximum.ts";
import { convertWeight, kilograms, type WeightUnit } from "../measure/units.ts";
import type { Catalogue } from "../model/exercise.ts";
import type { BodyWeight, WorkoutSession } from "../model/log.ts";
import { type StatisticsInterval, isIn, type Point, type StatisticsRange, sums } from "./ranges.ts";

/** Load times repetitions of all working sets, in a unit, by interval. */
export function volumeSeries(
  sessions: readonly WorkoutSession[],
  bodyWeights: readonly BodyWeight[],
  catalogue: Catalogue,
  options: { range: StatisticsRange; interval: StatisticsInterval; unit: WeightUnit },
): Point[] {
  const values = sessions.map((session) => ({
    day: session.day,
    value: volumeOfSession(session, bodyWeights, catalogue, options.unit),
  }));
  return sums(values, options.range, options.interval);
}

/** The volume of one session in a unit. Sets whose exercise is unknown count nothing. */
export function volumeOfSession(
  session: WorkoutSession,
  bodyWeights: readonly BodyWeight[],
  catalogue: Catalogue,
  unit: WeightUnit,
): number {
  const body = bodyWeightOn(session.day, bodyWeights);
  const total = session.sets.reduce((sum, set) => {
    const exercise = catalogue.get(set.exercise);
    return exercise ? sum + volumeOf(set, exercise, body) : sum;
  }, 0);
  return convertWeight({ value: total, unit: "kg" }, unit).value;
}

/** The measured body weights of a range in a unit, oldest first. Days without one have no point. */
export function bodyWeightSeries(
  bodyWeights: readonly BodyWeight[],
  range: StatisticsRange,
  unit: WeightUnit,
): Point[] {
  return bodyWeights
    .filter(({ day }) => isIn(day, range))
    .toSorted((one, other) => (one.day < other.day ? -1 : 1))
    .map(({ day, weight }) => ({ day, value: convertWeight(weight, unit).value }));
}

/** The best estimate of each day with an exercise, oldest first. Sets above ten repetitions give none. */
export function strengthSeries(
  exercise: string,
  sessions: readonly WorkoutSession[],
  bodyWeights: readonly BodyWeight[],
  catalogue: Catalogue,
  options: { range: StatisticsRange; formula: Formula },
): Point<Estimate>[] {
  const row = catalogue.get(exercise);
  if (!row) return [];
  const best = new Map<string, Estimate>();
  for (const session of sessions.filter(({ day }) => isIn(day, options.range))) {
    const body = bodyWeightOn(session.day, bodyWeights);
    for (const set of session.sets.filter((each) => each.exercise === exercise && !each.warmUp)) {
      const load = loadOf(row, set.entry, body);
      const estimate = load && oneRepetitionMaximum(load, set.repetitions ?? 0, options.formula);
      const known = best.get(session.day);
      if (estimate && (!known || kilograms(estimate.weight) > kilograms(known.weight))) best.set(session.day, estimate);
    }
  }
  return [...best].map(([day, value]) => ({ day, value })).toSorted((one, other) => (one.day < other.day ? -1 : 1));
}
