import type { Exercise } from "../model/exercise.ts";

export const weightUnits = ["kg", "lb"] as const;
export type WeightUnit = (typeof weightUnits)[number];

/** A weight with its unit: a number alone never is one. */
export interface Weight {
  value: number;
  unit: WeightUnit;
}

/** By definition: https://www.nist.gov/pml/special-publication-811 (appendix B.8). */
export const kilogramsPerPound = 0.45359237;
/** By definition, as above. */
export const metresPerMile = 1_609.344;

/** The same weight in another unit. It is not rounded: see {@link roundWeight}. */
export function convertWeight(weight: Weight, unit: WeightUnit): Weight {
  if (weight.unit === unit) return weight;
  return { value: unit === "kg" ? weight.value * kilogramsPerPound : weight.value / kilogramsPerPound, unit };
}

/** A weight in kilograms. */
export const kilograms = (weight: Weight): number => convertWeight(weight, "kg").value;

/** A weight to `digits` digits after the point, to be shown. What is stored is never rounded. */
export function roundWeight({ value, unit }: Weight, digits = 1): Weight {
  const scale = 10 ** digits;
  return { value: Math.round(value * scale) / scale, unit };
}

/** A distance in kilometres or miles. */
export function convertDistance(metres: number, unit: "km" | "mi"): number {
  return metres / (unit === "km" ? 1_000 : metresPerMile);
}

/** Which units a person wants: one for all, and others for single exercises. */
export interface Units {
  unit: WeightUnit;
  /** By the exercise's id. */
  exercises: Readonly<Record<string, WeightUnit>>;
}

/** An exercise's unit of weight: what the person chose for it, else what it has itself, else the person's. */
export function unitOf(exercise: Pick<Exercise, "id" | "unit">, units: Units): WeightUnit {
  return units.exercises[exercise.id] ?? (exercise.unit === "kg" ? "kg" : units.unit);
}

/** An entry as it is shown at its exercise: converted to the exercise's unit, and rounded to a tenth. */
export function shownWeight(entry: Weight, exercise: Pick<Exercise, "id" | "unit">, units: Units): Weight {
  return roundWeight(convertWeight(entry, unitOf(exercise, units)));
}
