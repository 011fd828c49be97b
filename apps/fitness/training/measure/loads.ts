import type { Exercise } from "../model/exercise.ts";
import { barbellLoads, type Plates } from "./plates.ts";
import { convertWeight, type Weight, type WeightUnit } from "./units.ts";

/** The weights that there are to lift; all in one unit but the kettlebells, which are cast in kilograms. */
export interface Rack extends Plates {
  dumbbells: readonly number[];
  kettlebells: readonly number[];
  /** The weights of a machine's or cable's stack. */
  stack: readonly number[];
}

const range = (first: number, step: number, last: number) =>
  Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);

const kettlebells = [4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 28, 32, 36, 40];

/** What most places have; a person may describe another. */
export const standardRacks: Readonly<Record<WeightUnit, Rack>> = {
  kg: {
    unit: "kg",
    bar: 20,
    plates: [20, 20, 20, 20, 15, 10, 5, 2.5, 1.25].map((weight) => ({ weight, pairs: 1 })),
    dumbbells: [...range(1, 1, 10), ...range(12, 2, 50)],
    kettlebells,
    stack: range(2.5, 2.5, 120),
  },
  lb: {
    unit: "lb",
    bar: 45,
    plates: [45, 45, 45, 45, 35, 25, 10, 10, 5, 2.5].map((weight) => ({ weight, pairs: 1 })),
    dumbbells: [2.5, 5, 8, 10, 12, ...range(15, 2.5, 30), ...range(35, 5, 110)],
    kettlebells,
    stack: range(5, 5, 260),
  },
};

/**
 * The entries that an exercise can have with a rack, ascending, in `unit`: positive weights, what assistance takes off
 * as negative ones, or 0 alone where only repetitions, seconds or metres count.
 */
export function loadsOf(exercise: Pick<Exercise, "equipment" | "load">, rack: Rack, unit: WeightUnit): number[] {
  const inUnit = (values: readonly number[], from: WeightUnit) =>
    values.map((value) => convertWeight({ value, unit: from }, unit).value);
  if (exercise.load === "assisted")
    return [
      ...inUnit(rack.stack, rack.unit)
        .map((value) => -value)
        .reverse(),
      0,
    ];
  if (exercise.load !== "weighted") return [0];
  if (exercise.equipment.includes("barbell")) return inUnit(barbellLoads(rack), rack.unit);
  if (exercise.equipment.includes("kettlebell")) return inUnit(rack.kettlebells, "kg");
  if (exercise.equipment.includes("dumbbells")) return inUnit(rack.dumbbells, rack.unit);
  return inUnit(rack.stack, rack.unit);
}

/** The load of a list that is nearest to a value, the lighter of two; undefined for an empty list. */
export function nearestLoad(value: number, loads: readonly number[]): number | undefined {
  return loads.reduce<number | undefined>(
    (best, each) =>
      best === undefined ||
      Math.abs(each - value) < Math.abs(best - value) ||
      (Math.abs(each - value) === Math.abs(best - value) && each < best)
        ? each
        : best,
    undefined,
  );
}

/** A weight as equipment allows it: the nearest load, in the weight's own unit. @throws never: without loads as it is */
export function roundToLoads(weight: Weight, loads: readonly number[]): Weight {
  return { value: nearestLoad(weight.value, loads) ?? weight.value, unit: weight.unit };
}
