import type { WeightUnit } from "../measure/units.ts";
import type { Equipment, Injury, Level } from "./exercise.ts";

export const goals = ["lose-weight", "gain-muscle", "endurance", "stay-healthy"] as const;
export type Goal = (typeof goals)[number];

/** What a plan is made from. */
export interface Profile {
  goal: Goal;
  level: Level;
  /** Days a week that the person wants to train on: 1 to 7. */
  daysPerWeek: number;
  equipment: readonly Equipment[];
  injuries: readonly Injury[];
  unit: WeightUnit;
}

/** Equipment as most people have it, for the first question of an onboarding. */
export const equipmentSets = {
  nothing: [],
  bands: ["band"],
  dumbbells: ["dumbbells"],
  kettlebell: ["kettlebell"],
  home: ["dumbbells", "bench", "band", "pull-up-bar"],
  garage: ["barbell", "rack", "bench", "dumbbells", "pull-up-bar", "rope"],
  gym: [
    "dumbbells",
    "barbell",
    "rack",
    "bench",
    "kettlebell",
    "band",
    "pull-up-bar",
    "dip-bars",
    "cable",
    "machine",
    "treadmill",
    "bike",
    "rower",
    "box",
  ],
} as const satisfies Readonly<Record<string, readonly Equipment[]>>;
export type EquipmentSet = keyof typeof equipmentSets;
