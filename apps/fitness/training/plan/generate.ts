import { type Catalogue, type Exercise, isolationPatterns, type Muscle } from "../model/exercise.ts";
import { message, type Message } from "../model/message.ts";
import type { Profile } from "../model/profile.ts";
import type { Routine, RoutineItem, Target } from "../model/routine.ts";
import { balance, dayLimits, type Draft, usage } from "./balance.ts";
import { activeMinutes, conditioningMinutes, majorMuscles, mostStrengthDays, repetitionsOf, restOf } from "./bands.ts";
import { choose, chooseConditioning, muscleNames, suits } from "./select.ts";
import { daysOfWeek, splitOf } from "./split.ts";
import { type MuscleWeek, weekOfMuscles } from "./weekly-sets.ts";

/** A generated plan: a week that repeats, why it is so, and what is wrong with it. */
export interface Plan {
  /** Its cycle has seven slots. The id and the name are the caller's. */
  routine: Omit<Routine, "id" | "name">;
  /** Why these days and repetitions. */
  why: readonly Message[];
  /** Sets a week of each muscle against its band. */
  muscles: readonly MuscleWeek[];
  /** What a person has to know: a muscle outside of its band, an injury. */
  warnings: readonly Message[];
}

/**
 * Makes a plan. The same profile and catalogue always give the same plan.
 *
 * @throws RangeError where `daysPerWeek` is not a whole number from 1 to 7
 */
export function generatePlan(profile: Profile, catalogue: Catalogue): Plan {
  const { daysPerWeek: wanted } = profile;
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > 7)
    throw new RangeError(`A plan cannot have ${wanted} days a week. Choose 1 to 7.`);
  const strength = Math.min(wanted, mostStrengthDays[profile.level]);
  const minutes = conditioningMinutes[profile.goal];
  const days = strengthDays(strength, profile, catalogue);
  balance({ days, profile, catalogue, itemOf: (exercise, sets, why) => strengthItem(exercise, sets, why, profile) });
  if (minutes.after > 0) for (const day of days) addConditioning(day, minutes.after, days, profile, catalogue);
  const extra: Draft[] = Array.from({ length: minutes.alone > 0 ? wanted - strength : 0 }, (_, index) => ({
    id: `conditioning-${index + 1}`,
    items: [],
  }));
  for (const day of extra) addConditioning(day, minutes.alone, [...days, ...extra], profile, catalogue);

  const all = [...days, ...extra].filter((day) => day.items.length > 0);
  const weekMuscles = weekOfMuscles(
    all.flatMap(({ items }) => items),
    catalogue,
    profile,
  );
  return {
    routine: { days: all, cycle: cycleOf(days, extra) },
    why: reasons(profile, strength, extra.length, all),
    muscles: weekMuscles,
    warnings: warningsOf(weekMuscles, profile, catalogue),
  };
}

function strengthDays(count: number, profile: Profile, catalogue: Catalogue): Draft[] {
  const days: Draft[] = [];
  for (const [index, places] of splitOf(count).entries()) {
    const day: Draft = { id: String.fromCharCode(65 + index), items: [] };
    days.push(day);
    for (const place of places) {
      const today = day.items.map((item) => item.exercise);
      const choice = choose(place, profile, catalogue, usage(days), today);
      if (choice && day.items.length < dayLimits.items)
        day.items.push(strengthItem(choice.exercise, profile.level === "novice" ? 2 : 3, choice.why, profile));
    }
  }
  return days;
}

function strengthItem(exercise: Exercise, sets: number, why: readonly Message[], profile: Profile): RoutineItem {
  const rest = restOf(profile, !isolationPatterns.includes(exercise.pattern));
  return { exercise: exercise.id, sets, target: targetOf(exercise, profile), rest, why };
}

function targetOf(exercise: Exercise, profile: Profile): Target {
  if (exercise.load === "time") return { kind: "seconds", low: 20, high: 40 };
  if (exercise.load === "distance") return { kind: "metres", low: 1_000, high: 2_000 };
  return { kind: "repetitions", ...repetitionsOf(profile) };
}

/** Conditioning at the end of a day; a day without any that suits the person stays as it is. */
function addConditioning(day: Draft, minutes: number, days: readonly Draft[], profile: Profile, catalogue: Catalogue) {
  const choice = chooseConditioning(profile, catalogue, usage(days), minutes);
  if (!choice) return;
  const { exercise, why } = choice;
  const target: Target =
    exercise.load === "distance"
      ? // About 150 metres a minute: an easy run, or easy rowing.
        { kind: "metres", low: minutes * 150, high: minutes * 200 }
      : { kind: "seconds", low: minutes * 60, high: minutes * 75 };
  day.items.push({ exercise: exercise.id, sets: 1, target, rest: 0, why });
}

/** Seven slots: strength as far apart as possible among the training days, conditioning in the others. */
function cycleOf(days: readonly Draft[], extra: readonly Draft[]): (string | null)[] {
  const cycle = Array.from({ length: 7 }, (): string | null => null);
  const places = daysOfWeek(days.length + extra.length);
  const strengthAt = extra.length === 0 ? places : daysOfWeek(days.length).filter((at) => places.includes(at));
  const kept = [...strengthAt, ...places.filter((at) => !strengthAt.includes(at))].slice(0, days.length);
  const inOrder = kept.toSorted((one, other) => one - other);
  for (const [index, at] of inOrder.entries()) cycle[at] = filled(days[index]);
  for (const [index, at] of places.filter((each) => !kept.includes(each)).entries()) cycle[at] = filled(extra[index]);
  return cycle;
}

const filled = (day: Draft | undefined) => (day && day.items.length > 0 ? day.id : null);

function reasons(profile: Profile, strength: number, extra: number, days: readonly Draft[]): Message[] {
  const { low, high } = repetitionsOf(profile);
  const level = { kind: "level", id: profile.level } as const;
  const goal = { kind: "goal", id: profile.goal } as const;
  const minutes = conditioningMinutes[profile.goal];
  const active = (days.length - extra) * minutes.after + extra * minutes.alone;
  return [
    message("plan.days", { days: strength, level }),
    message("plan.repetitions", { low, high, level, goal }),
    ...(extra > 0 ? [message("plan.conditioning", { days: extra })] : []),
    ...(strength + extra < profile.daysPerWeek ? [message("plan.rest", { days: profile.daysPerWeek - strength })] : []),
    ...(profile.goal !== "gain-muscle" && active < activeMinutes
      ? [message("plan.walk", { minutes: activeMinutes - active, total: activeMinutes })]
      : []),
  ];
}

function warningsOf(week: readonly MuscleWeek[], profile: Profile, catalogue: Catalogue): Message[] {
  const trainable = (muscle: Muscle) =>
    [...catalogue.values()].some(
      (row) => row.pattern !== "conditioning" && row.primary.includes(muscle) && suits(row, profile),
    );
  const outside = week
    .filter(({ place }) => place !== "within")
    .map(({ muscle, sets, band, place }) => {
      const values = { muscles: muscleNames([muscle]), sets, low: band.low, high: band.high };
      if (place === "above") return message("warning.above", values);
      return message(trainable(muscle) ? "warning.below" : "warning.impossible", values);
    });
  const injuries = profile.injuries.map((id) => ({ kind: "injury", id }) as const);
  return [...outside, ...(injuries.length > 0 ? [message("warning.injuries", { injuries })] : [])];
}

/** Whether every major muscle lies in its band. */
export const isBalanced = (plan: Plan): boolean =>
  plan.muscles.every(
    ({ muscle, place }) => place === "within" || !(majorMuscles as readonly Muscle[]).includes(muscle),
  );
