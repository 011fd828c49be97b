/** The muscles that exercises are sorted by. */
export const muscles = [
  "chest",
  "lats",
  "upper-back",
  "lower-back",
  "shoulders",
  "biceps",
  "triceps",
  "forearms",
  "abdominals",
  "obliques",
  "glutes",
  "quadriceps",
  "hamstrings",
  "adductors",
  "abductors",
  "hip-flexors",
  "calves",
] as const;
export type Muscle = (typeof muscles)[number];

/** What an exercise may need. One that needs nothing has an empty list. */
export const equipment = [
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
  "rope",
  "box",
] as const;
export type Equipment = (typeof equipment)[number];

/** Where somebody may be hurt, and what an exercise may be bad for. */
export const injuries = ["knee", "lower-back", "shoulder", "wrist", "elbow", "neck", "hip", "ankle"] as const;
export type Injury = (typeof injuries)[number];

/** From the least experience to the most. */
export const levels = ["novice", "intermediate", "advanced"] as const;
export type Level = (typeof levels)[number];

/** The movements that a balanced week is made of. */
export const patterns = [
  "squat",
  "lunge",
  "hinge",
  "knee-flexion",
  "push-horizontal",
  "push-vertical",
  "pull-horizontal",
  "pull-vertical",
  "shoulder-isolation",
  "elbow-flexion",
  "elbow-extension",
  "core",
  "hip",
  "calf",
  "carry",
  "conditioning",
] as const;
export type Pattern = (typeof patterns)[number];

/** Movements of one joint, or of the trunk: they need less rest, and come after the others. */
export const isolationPatterns: readonly Pattern[] = [
  "shoulder-isolation",
  "elbow-flexion",
  "elbow-extension",
  "knee-flexion",
  "core",
  "calf",
  "hip",
];

/**
 * What a set is measured in, besides its repetitions:
 * `weighted`: the weight that is lifted; `assisted`: what a machine takes off, a negative weight; `bodyweight`: nothing, or
 * a weight that is added (a band is one of these: its pull is not a weight); `time`: seconds; `distance`: metres.
 */
export const loadKinds = ["weighted", "assisted", "bodyweight", "time", "distance"] as const;
export type LoadKind = (typeof loadKinds)[number];

/** An exercise's unit: the person's own unit of weight, kilograms whatever the person prefers, seconds or metres. */
export type ExerciseUnit = "person" | "kg" | "s" | "m";

export const languages = ["en", "es"] as const;
export type TextLanguage = (typeof languages)[number];

/** A row's texts in one language. */
export interface ExerciseText {
  name: string;
  /** What to do, step by step. */
  steps: readonly string[];
}

/** A row of the catalogue, or an exercise that a person wrote. */
export interface Exercise {
  /** Lower-case words joined by hyphens; never changed, because logs refer to it. */
  id: string;
  author: string;
  /** An SPDX id: https://spdx.org/licenses/ */
  licence: string;
  pattern: Pattern;
  /** The least experience that it asks for. */
  level: Level;
  load: LoadKind;
  unit: ExerciseUnit;
  /** Everything that it needs. */
  equipment: readonly Equipment[];
  primary: readonly Muscle[];
  secondary: readonly Muscle[];
  /** The share of the body that is lifted, 0 to 1: 1 for who hangs from a bar. Nothing: the body does not count. */
  bodyShare?: number;
  /** Injuries with which somebody had better do something else. */
  avoid: readonly Injury[];
  /** Ids of exercises to do in its place; for each injury in `avoid` at least one that the injury allows. */
  alternatives: readonly string[];
  /** The name of its drawing (drawing/poses.ts), or nothing. */
  drawing?: string;
  en: ExerciseText;
  es: ExerciseText;
}

/** Exercises by their id: ours, and those of the person. */
export type Catalogue = ReadonlyMap<string, Exercise>;
