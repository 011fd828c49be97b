import { convertWeight, type Weight, type WeightUnit } from "./units.ts";

/** A bar and its plates; all in one unit. */
export interface Plates {
  unit: WeightUnit;
  bar: number;
  plates: readonly { weight: number; pairs: number }[];
}

/** How to load a bar. */
export interface Loading {
  /** Bar and plates together: what was asked for, or the nearest below it. */
  weight: Weight;
  /** The plates of one side, the heaviest first. */
  side: readonly number[];
  /** What could not be loaded, in the bar's unit: 0 where it is exact. */
  missing: number;
}

// Sums of decimal fractions are counted in whole thousandths.
const thousandths = (value: number) => Math.round(value * 1_000);

/** Everything that one side can hold: its weight in thousandths, with the fewest plates that make it. */
function sides({ plates }: Plates): Map<number, readonly number[]> {
  let reachable = new Map<number, readonly number[]>([[0, []]]);
  for (const { weight, pairs } of plates.toSorted((one, other) => other.weight - one.weight)) {
    const next = new Map(reachable);
    for (const [sum, side] of reachable) {
      for (let count = 1; count <= pairs; count++) {
        const total = sum + count * thousandths(weight);
        const known = next.get(total);
        if (!known || known.length > side.length + count)
          next.set(total, [...side, ...Array.from({ length: count }, () => weight)]);
      }
    }
    reachable = next;
  }
  return reachable;
}

/** Every weight that the bar can have, ascending, in its unit. */
export function barbellLoads(plates: Plates): number[] {
  return [...sides(plates).keys()].toSorted((one, other) => one - other).map((side) => plates.bar + (2 * side) / 1_000);
}

/**
 * The plates for a weight, in whatever unit it is.
 *
 * @returns the heaviest loading that is not above it, with as few plates as possible; undefined where the bar alone is
 *   heavier
 */
export function loadBar(weight: Weight, plates: Plates): Loading | undefined {
  const { value } = convertWeight(weight, plates.unit);
  const room = thousandths(value) - thousandths(plates.bar);
  if (room < 0) return undefined;
  const fits = [...sides(plates)].filter(([side]) => 2 * side <= room);
  const [side, list] = fits.reduce((best, each) => (each[0] > best[0] ? each : best), [0, []]);
  return {
    weight: { value: plates.bar + (2 * side) / 1_000, unit: plates.unit },
    side: list,
    missing: (room - 2 * side) / 1_000,
  };
}
