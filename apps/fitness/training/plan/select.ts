import { type Catalogue, type Exercise, isolationPatterns, levels, type Muscle } from "../model/exercise.ts";
import { message, type Message, type Name } from "../model/message.ts";
import type { Profile } from "../model/profile.ts";
import type { Place } from "./split.ts";

/** Whether a person has all that an exercise needs. */
export const hasEquipment = (exercise: Exercise, profile: Pick<Profile, "equipment">): boolean =>
  exercise.equipment.every((each) => profile.equipment.includes(each));

/** The person's injuries that speak against an exercise. */
export const conflictsOf = (exercise: Exercise, profile: Pick<Profile, "injuries">) =>
  exercise.avoid.filter((each) => profile.injuries.includes(each));

const isKnown = (exercise: Exercise, { level }: Pick<Profile, "level">) =>
  levels.indexOf(exercise.level) <= levels.indexOf(level);

/** Whether a person can do an exercise: equipment, injuries and experience allow it. */
export function suits(exercise: Exercise, profile: Pick<Profile, "equipment" | "injuries" | "level">): boolean {
  return hasEquipment(exercise, profile) && conflictsOf(exercise, profile).length === 0 && isKnown(exercise, profile);
}

/** The exercises to do in an exercise's place that suit a person, in the order of the catalogue's row. */
export function alternativesFor(exercise: Exercise, profile: Profile, catalogue: Catalogue): Exercise[] {
  return exercise.alternatives.flatMap((id) => {
    const row = catalogue.get(id);
    return row && suits(row, profile) ? [row] : [];
  });
}

const exerciseName = ({ id }: Exercise): Name => ({ kind: "exercise", id });
export const muscleNames = (list: readonly Muscle[]): Name[] => list.map((id) => ({ kind: "muscle", id }));

/** The better one first. Ties are settled by the id, so that the same profile gets the same plan. */
function compare(profile: Profile, used: ReadonlyMap<string, number>, muscle: Muscle) {
  const loaded = (exercise: Exercise) =>
    exercise.load === "weighted" ? 2 : (exercise.bodyShare ?? 0) > 0 || exercise.load === "assisted" ? 1 : 0;
  const score = (exercise: Exercise) =>
    (exercise.primary.includes(muscle) ? 8 : 0) +
    (exercise.load === "time" || exercise.load === "distance" ? -2 : 0) +
    (profile.goal === "gain-muscle" ? 2 : 1) * loaded(exercise) +
    levels.indexOf(exercise.level) +
    (isolationPatterns.includes(exercise.pattern) ? 0 : Math.min(exercise.primary.length, 2)) -
    10 * (used.get(exercise.id) ?? 0);
  return (one: Exercise, other: Exercise) => score(other) - score(one) || (one.id < other.id ? -1 : 1);
}

/** An exercise that was chosen, with the reasons. */
export interface ExerciseChoice {
  exercise: Exercise;
  why: Message[];
}

/**
 * Chooses an exercise for a place: one of its movement, else one that trains its muscle.
 *
 * @param place.pattern null: the muscle alone counts
 * @param used how often each exercise is in the week already
 * @param today the exercises of the same day: none comes twice
 * @returns undefined where nothing suits the person
 */
export function choose(
  { pattern, muscle }: { pattern: Place["pattern"] | null; muscle: Muscle },
  profile: Profile,
  catalogue: Catalogue,
  used: ReadonlyMap<string, number>,
  today: readonly string[],
): ExerciseChoice | undefined {
  const rows = [...catalogue.values()].filter((row) => row.pattern !== "conditioning" && !today.includes(row.id));
  const order = compare(profile, used, muscle);
  const ofPattern = rows.filter((row) => row.pattern === pattern).toSorted(order);
  const byPattern = ofPattern.find((row) => suits(row, profile));
  const byMuscle = () => rows.filter((row) => row.primary.includes(muscle) && suits(row, profile)).toSorted(order)[0];
  const exercise = byPattern ?? byMuscle();
  if (!exercise) return undefined;
  if (pattern === null) return { exercise, why: [] };
  const why = message(byPattern ? "why.pattern" : "why.muscle", {
    exercise: exerciseName(exercise),
    muscles: muscleNames(exercise.primary),
    pattern: { kind: "pattern", id: pattern },
  });
  return { exercise, why: [why, ...whyNotAnother(exercise, ofPattern, profile)] };
}

/** Conditioning that can be kept up for the length of a plan's piece; the others are too hard for that. */
const steady: ReadonlySet<string> = new Set([
  "brisk-walk",
  "easy-run",
  "treadmill-walk",
  "stationary-bike",
  "rowing-machine",
  "shadow-boxing",
  "seated-march",
]);

/** Chooses conditioning that suits a person: what is least often in the week, then what uses equipment, then by id. */
export function chooseConditioning(
  profile: Profile,
  catalogue: Catalogue,
  used: ReadonlyMap<string, number>,
  minutes: number,
): ExerciseChoice | undefined {
  const often = ({ id }: Exercise) => used.get(id) ?? 0;
  const [exercise] = [...catalogue.values()]
    .filter((row) => row.pattern === "conditioning" && steady.has(row.id) && suits(row, profile))
    .toSorted(
      (one, other) =>
        often(one) - often(other) || other.equipment.length - one.equipment.length || (one.id < other.id ? -1 : 1),
    );
  if (!exercise) return undefined;
  const goal: Name = { kind: "goal", id: profile.goal };
  return { exercise, why: [message("why.conditioning", { exercise: exerciseName(exercise), minutes, goal })] };
}

/** The better-ranked exercise that an injury speaks against, or else the equipment that is missing. */
function whyNotAnother(chosen: Exercise, ranked: readonly Exercise[], profile: Profile): Message[] {
  const at = ranked.indexOf(chosen);
  const better = (at < 0 ? ranked : ranked.slice(0, at)).filter((row) => isKnown(row, profile));
  const hurtful = better.find((row) => hasEquipment(row, profile) && conflictsOf(row, profile).length > 0);
  if (hurtful) {
    const named = conflictsOf(hurtful, profile).map((id): Name => ({ kind: "injury", id }));
    return [message("why.injury", { other: exerciseName(hurtful), injuries: named })];
  }
  const unequipped = better.find((row) => conflictsOf(row, profile).length === 0 && !hasEquipment(row, profile));
  if (!unequipped) return [];
  const missing = unequipped.equipment.filter((each) => !profile.equipment.includes(each));
  return [
    message("why.equipment", {
      other: exerciseName(unequipped),
      equipment: missing.map((id): Name => ({ kind: "equipment", id })),
    }),
  ];
}
