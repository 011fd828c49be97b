import type { Muscle, Pattern } from "../model/exercise.ts";

/** A place in a training day: which movement, and what it is to train if the movement itself is impossible. */
export interface Place {
  pattern: Pattern;
  muscle: Muscle;
}

const place = (pattern: Pattern, muscle: Muscle): Place => ({ pattern, muscle });

const squat = place("squat", "quadriceps");
const lunge = place("lunge", "quadriceps");
const hinge = place("hinge", "hamstrings");
const kneeFlexion = place("knee-flexion", "hamstrings");
const pushHorizontal = place("push-horizontal", "chest");
const pushVertical = place("push-vertical", "shoulders");
const pullHorizontal = place("pull-horizontal", "upper-back");
const pullVertical = place("pull-vertical", "lats");
const shoulder = place("shoulder-isolation", "shoulders");
const biceps = place("elbow-flexion", "biceps");
const triceps = place("elbow-extension", "triceps");
const core = place("core", "abdominals");
const hip = place("hip", "glutes");
const calf = place("calf", "calves");

const whole: readonly (readonly Place[])[] = [
  [squat, pushHorizontal, pullHorizontal, hinge, pullVertical, core],
  [hinge, pushVertical, pullVertical, lunge, pushHorizontal, core],
  [squat, pushHorizontal, pullHorizontal, kneeFlexion, pushVertical, core],
];
const upper: readonly (readonly Place[])[] = [
  [pushHorizontal, pullHorizontal, pushVertical, pullVertical, biceps, triceps],
  [pullVertical, pushVertical, pullHorizontal, pushHorizontal, shoulder, biceps],
];
const lower: readonly (readonly Place[])[] = [
  [squat, hinge, lunge, calf, core],
  [hinge, squat, hip, kneeFlexion, core],
];
const push = [pushHorizontal, pushVertical, pushHorizontal, shoulder, triceps];
const pull = [pullVertical, pullHorizontal, pullVertical, biceps, core];
const legs = [squat, hinge, lunge, kneeFlexion, calf];

/** The training days of a week, by their number from 1 to 6: whole body up to three, then upper and lower, then push, pull, legs. */
export function splitOf(days: number): readonly (readonly Place[])[] {
  const [upperA = [], upperB = []] = upper;
  const [lowerA = [], lowerB = []] = lower;
  if (days <= 3) return whole.slice(0, days);
  if (days === 4) return [upperA, lowerA, upperB, lowerB];
  if (days === 5) return [upperA, lowerA, push, pull, legs];
  return [push, pull, legs, push, pull, legs];
}

/** On which days of seven there is a training, by how many there are: as far apart as possible. */
const weeks: readonly (readonly number[])[] = [
  [],
  [0],
  [0, 3],
  [0, 2, 4],
  [0, 1, 3, 4],
  [0, 1, 2, 4, 5],
  [0, 1, 2, 3, 4, 5],
  [0, 1, 2, 3, 4, 5, 6],
];

/** The places in a week of so many days, 0 to 7. */
export const daysOfWeek = (count: number): readonly number[] => weeks[Math.max(0, Math.min(7, count))] ?? [];
