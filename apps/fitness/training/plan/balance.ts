import { type Catalogue, type Exercise, type Muscle, muscles } from "../model/exercise.ts";
import { message, type Message } from "../model/message.ts";
import type { Profile } from "../model/profile.ts";
import type { RoutineItem } from "../model/routine.ts";
import { bandOf, majorMuscles } from "./bands.ts";
import { choose, muscleNames } from "./select.ts";
import { setsPerMuscle, shareOf } from "./weekly-sets.ts";

/** A training day while it is made. */
export interface Draft {
  id: string;
  items: RoutineItem[];
}

/** What a day holds at most, so that it stays below about an hour and a half. */
export const dayLimits = { items: 9, sets: 27, setsOfOne: 5 } as const;

interface Work {
  days: Draft[];
  profile: Profile;
  catalogue: Catalogue;
  /** Makes an item of an exercise. */
  itemOf: (exercise: Exercise, sets: number, why: readonly Message[]) => RoutineItem;
}

/** The sets of a day, conditioning left out. */
export const setsOf = (day: Draft, catalogue: Catalogue): number =>
  day.items.reduce((sum, item) => sum + (catalogue.get(item.exercise)?.pattern === "conditioning" ? 0 : item.sets), 0);

/** Changes a draft until each muscle's week lies in its band, as far as the person and the days allow. */
export function balance(work: Work): void {
  // Each round changes at least one set, or is the last.
  for (let round = 0; round < 200; round++) {
    const week = weekOf(work);
    const low = majorMuscles.filter((muscle) => week[muscle] < bandOf(muscle, work.profile).low);
    const high = muscles.filter((muscle) => week[muscle] > bandOf(muscle, work.profile).high);
    if (
      !high.some((muscle) => takeSet(work, muscle) || takeExercise(work, muscle)) &&
      !low.some((muscle) => addSet(work, muscle) || addExercise(work, muscle))
    )
      return;
  }
}

type Week = Readonly<Record<Muscle, number>>;

const weekOf = ({ days, catalogue }: Work): Week =>
  setsPerMuscle(
    days.flatMap(({ items }) => items),
    catalogue,
  );

/** Whether a muscle would have too much with some sets more of an exercise. */
function tooMuch({ profile }: Work, week: Week, exercise: Exercise, sets: number): boolean {
  return muscles.some((muscle) => {
    const more = sets * shareOf(exercise, muscle);
    return more > 0 && week[muscle] + more > bandOf(muscle, profile).high;
  });
}

const byId = (one: { id: string }, other: { id: string }) => (one.id < other.id ? -1 : one.id > other.id ? 1 : 0);

/** The days with room, the emptiest first. */
const roomyDays = ({ days, catalogue }: Work, sets: number) =>
  days
    .filter((day) => setsOf(day, catalogue) + sets <= dayLimits.sets)
    .toSorted((one, other) => setsOf(one, catalogue) - setsOf(other, catalogue) || byId(one, other));

/** One set more of an exercise that trains the muscle directly. */
function addSet(work: Work, muscle: Muscle): boolean {
  const week = weekOf(work);
  for (const day of roomyDays(work, 1)) {
    const items = day.items.toSorted((one, other) => one.sets - other.sets);
    for (const item of items) {
      const exercise = work.catalogue.get(item.exercise);
      if (
        !exercise ||
        item.sets >= dayLimits.setsOfOne ||
        shareOf(exercise, muscle) < 1 ||
        tooMuch(work, week, exercise, 1)
      )
        continue;
      item.sets += 1;
      return true;
    }
  }
  return false;
}

/** Two sets of another exercise for the muscle. */
function addExercise(work: Work, muscle: Muscle): boolean {
  const week = weekOf(work);
  const used = usage(work.days);
  for (const day of roomyDays(work, 2).filter(({ items }) => items.length < dayLimits.items)) {
    const today = day.items.map((item) => item.exercise);
    const excluded = new Set(today);
    for (;;) {
      const choice = choose({ pattern: null, muscle }, work.profile, work.catalogue, used, [...excluded]);
      if (!choice) break;
      const { exercise } = choice;
      if (!tooMuch(work, week, exercise, 2)) {
        const why = message("why.volume", {
          exercise: { kind: "exercise", id: exercise.id },
          muscles: muscleNames([muscle]),
          low: bandOf(muscle, work.profile).low,
        });
        const at = day.items.findIndex((item) => work.catalogue.get(item.exercise)?.pattern === "conditioning");
        day.items.splice(at < 0 ? day.items.length : at, 0, work.itemOf(exercise, 2, [why]));
        return true;
      }
      excluded.add(exercise.id);
    }
  }
  return false;
}

/** The items that train a muscle and of which so many sets can go without another muscle getting too little, the longest first. */
function spareItems(work: Work, muscle: Muscle, setsToGo: (item: RoutineItem) => number) {
  const week = weekOf(work);
  return work.days
    .flatMap((day) => day.items.map((item) => ({ day, item })))
    .filter(({ item }) => {
      const exercise = work.catalogue.get(item.exercise);
      const go = setsToGo(item);
      if (!exercise || go === 0 || shareOf(exercise, muscle) === 0) return false;
      return majorMuscles.every((each) => {
        const less = go * shareOf(exercise, each);
        return less === 0 || week[each] - less >= bandOf(each, work.profile).low;
      });
    })
    .toSorted(
      (one, other) =>
        other.item.sets - one.item.sets ||
        byId({ id: one.item.exercise }, { id: other.item.exercise }) ||
        byId(one.day, other.day),
    );
}

/** One set less of an exercise that has more than two. */
function takeSet(work: Work, muscle: Muscle): boolean {
  const [found] = spareItems(work, muscle, ({ sets }) => (sets > 2 ? 1 : 0));
  if (!found) return false;
  found.item.sets -= 1;
  return true;
}

/** One exercise less, where every exercise of the muscle is down to two sets. */
function takeExercise(work: Work, muscle: Muscle): boolean {
  const [found] = spareItems(work, muscle, ({ sets }) => sets);
  if (!found) return false;
  found.day.items = found.day.items.filter((item) => item !== found.item);
  return true;
}

/** How often each exercise is in the week. */
export function usage(days: readonly Draft[]): Map<string, number> {
  const used = new Map<string, number>();
  for (const { exercise } of days.flatMap(({ items }) => items)) used.set(exercise, (used.get(exercise) ?? 0) + 1);
  return used;
}
