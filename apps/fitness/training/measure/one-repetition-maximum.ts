import type { Weight } from "./units.ts";

export const formulas = ["epley", "brzycki"] as const;
export type Formula = (typeof formulas)[number];

/** The most repetitions that an estimate is made from (sources.ts: `reynolds`). */
export const mostRepetitions = 10;

/** An estimate, which always names its formula. */
export interface Estimate {
  weight: Weight;
  /** `measured`: it was one repetition, and nothing is estimated. */
  formula: Formula | "measured";
}

const factors: Readonly<Record<Formula, (repetitions: number) => number>> = {
  epley: (repetitions) => 1 + repetitions / 30,
  brzycki: (repetitions) => 1 / (1.0278 - 0.0278 * repetitions),
};

/**
 * The weight that could be lifted once. Epley: w(1 + r/30); Brzycki: w/(1.0278 − 0.0278r) (sources.ts: `reynolds`,
 * `brzycki`).
 *
 * @param load what was really lifted (`loadOf`)
 * @returns undefined above ten repetitions, below one, and without a load
 */
export function oneRepetitionMaximum(load: Weight, repetitions: number, formula: Formula): Estimate | undefined {
  if (!Number.isInteger(repetitions) || repetitions < 1 || repetitions > mostRepetitions || load.value <= 0)
    return undefined;
  if (repetitions === 1) return { weight: load, formula: "measured" };
  return { weight: { value: load.value * factors[formula](repetitions), unit: load.unit }, formula };
}
