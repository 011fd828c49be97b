import type { Level, Muscle } from "../model/exercise.ts";
import type { Goal, Profile } from "../model/profile.ts";

/** How many sets a muscle should have in a week. */
export interface Band {
  low: number;
  high: number;
}

/** The muscles that have a lower bound. The others get enough along with them, and are only shown. */
export const majorMuscles = [
  "chest",
  "lats",
  "upper-back",
  "shoulders",
  "biceps",
  "triceps",
  "abdominals",
  "glutes",
  "quadriceps",
  "hamstrings",
] as const satisfies readonly Muscle[];

/**
 * Sets a week for a major muscle. Four are the least that is worth it (sources.ts: `iversen`); ten and more make
 * muscles grow further (sources.ts: `schoenfeld`), up to twenty for trained people (sources.ts: `bazValle`). Other goals
 * need less.
 */
const growth: Readonly<Record<Level, Band>> = {
  novice: { low: 4, high: 14 },
  intermediate: { low: 6, high: 18 },
  advanced: { low: 8, high: 20 },
};
const upkeep: Readonly<Record<Level, Band>> = {
  novice: { low: 4, high: 12 },
  intermediate: { low: 4, high: 14 },
  advanced: { low: 4, high: 16 },
};

/** The band of a muscle for a goal and a level. */
export function bandOf(muscle: Muscle, { goal, level }: Pick<Profile, "goal" | "level">): Band {
  const band = (goal === "gain-muscle" ? growth : upkeep)[level];
  return (majorMuscles as readonly Muscle[]).includes(muscle) ? band : { low: 0, high: band.high };
}

/** Where a number of sets lies. */
export const placeIn = (sets: number, { low, high }: Band): "below" | "within" | "above" =>
  sets < low ? "below" : sets > high ? "above" : "within";

/**
 * Days of strength training a week: a novice two to three, then three to four, then four to six (sources.ts: `acsm`).
 * Days above that are for conditioning, or for rest.
 */
export const mostStrengthDays: Readonly<Record<Level, number>> = { novice: 3, intermediate: 4, advanced: 6 };

/** Repetitions of a set (sources.ts: `acsm`). A novice always has 8 to 12. */
export function repetitionsOf({ goal, level }: Pick<Profile, "goal" | "level">): Band {
  if (level === "novice") return { low: 8, high: 12 };
  const ranges: Readonly<Record<Goal, Band>> = {
    "gain-muscle": { low: 6, high: 12 },
    endurance: level === "advanced" ? { low: 15, high: 20 } : { low: 10, high: 15 },
    "lose-weight": { low: 10, high: 15 },
    "stay-healthy": { low: 8, high: 12 },
  };
  return ranges[goal];
}

/** Seconds of rest after a set (sources.ts: `acsm`): less for endurance, more for movements of several joints. */
export function restOf({ goal }: Pick<Profile, "goal">, compound: boolean): number {
  if (goal === "endurance") return compound ? 75 : 45;
  if (goal === "gain-muscle") return compound ? 150 : 90;
  return compound ? 120 : 60;
}

/** Minutes of conditioning after the strength of a day, and on a day that has nothing else. */
export const conditioningMinutes: Readonly<Record<Goal, { after: number; alone: number }>> = {
  endurance: { after: 25, alone: 40 },
  "lose-weight": { after: 20, alone: 40 },
  "stay-healthy": { after: 15, alone: 30 },
  "gain-muscle": { after: 0, alone: 0 },
};

/** Minutes of moderate activity that an adult should have in a week (sources.ts: `who`). */
export const activeMinutes = 150;
