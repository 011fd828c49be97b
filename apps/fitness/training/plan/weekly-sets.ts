import { type Catalogue, type Exercise, type Muscle, muscles } from "../model/exercise.ts";
import { type Band, bandOf, placeIn } from "./bands.ts";
import type { Profile } from "../model/profile.ts";

/** Sets that an exercise had or is to have. */
export interface CountedSets {
  exercise: string;
  sets: number;
}

/** An indirect set counts half (sources.ts: `pelland`). */
const indirect = 0.5;

/** How much a set of an exercise counts for a muscle: 1, a half or nothing. Conditioning counts for none. */
export function shareOf(exercise: Exercise, muscle: Muscle): number {
  if (exercise.pattern === "conditioning") return 0;
  return exercise.primary.includes(muscle) ? 1 : exercise.secondary.includes(muscle) ? indirect : 0;
}

/**
 * The sets of each muscle. What is given decides over what time: a week's plan, or seven days of sessions.
 *
 * @returns every muscle, also with 0
 */
export function setsPerMuscle(counted: readonly CountedSets[], catalogue: Catalogue): Record<Muscle, number> {
  const total = Object.fromEntries(muscles.map((muscle) => [muscle, 0])) as Record<Muscle, number>;
  for (const { exercise, sets } of counted) {
    const row = catalogue.get(exercise);
    if (!row || row.pattern === "conditioning") continue;
    for (const muscle of row.primary) total[muscle] += sets;
    for (const muscle of row.secondary) total[muscle] += sets * indirect;
  }
  return total;
}

/** A muscle's week against its band. */
export interface MuscleWeek {
  muscle: Muscle;
  sets: number;
  band: Band;
  place: "below" | "within" | "above";
}

/** Every muscle's sets a week against its band, in the order of `muscles`. */
export function weekOfMuscles(
  counted: readonly CountedSets[],
  catalogue: Catalogue,
  profile: Pick<Profile, "goal" | "level">,
): MuscleWeek[] {
  const sets = setsPerMuscle(counted, catalogue);
  return muscles.map((muscle) => {
    const band = bandOf(muscle, profile);
    return { muscle, sets: sets[muscle], band, place: placeIn(sets[muscle], band) };
  });
}
