import type { Day } from "../calendar/days.ts";
import { bodyWeightOn, liftedBody } from "../measure/load.ts";
import { loadsOf, type Rack } from "../measure/loads.ts";
import { convertWeight, type Units, unitOf, type Weight } from "../measure/units.ts";
import type { Catalogue, Exercise } from "../model/exercise.ts";
import type { BodyWeight, LoggedSet, WorkoutSession } from "../model/log.ts";
import { message, type Message } from "../model/message.ts";
import type { RoutineDay, RoutineItem } from "../model/routine.ts";
import { deloadEntry, deloadSets } from "./deload.ts";
import { nextAmount, nextLoad } from "./progression.ts";

/** What a day's workout is made from. */
export interface TodayInput {
  training: RoutineDay;
  day: Day;
  catalogue: Catalogue;
  /** The person's sessions until now, in any order; a running one is left out. */
  sessions: readonly WorkoutSession[];
  bodyWeights: readonly BodyWeight[];
  units: Units;
  rack: Rack;
  /** Whether a day lies in an easy week (`isDeload`). Its weights are no step back: the week after goes on from those before. */
  isEasy: (day: Day) => boolean;
}

/** An exercise of today. */
export interface TodayItem extends RoutineItem {
  /** The weight to take; null where the person has to find it, and where none applies. */
  entry: Weight | null;
  /** The sets of the last session with this exercise, to be shown next to it. */
  previous: readonly LoggedSet[];
  /** Why this weight, these repetitions or this time today. */
  today: readonly Message[];
}

/** Today's exercises, each with what to do and why. An item whose exercise is not in the catalogue is left out. */
export function workoutOn(input: TodayInput): TodayItem[] {
  const earlier = input.sessions
    .filter((session) => session.finishedAt !== null)
    .toSorted((one, other) => (one.startedAt < other.startedAt ? -1 : one.startedAt > other.startedAt ? 1 : 0));
  return input.training.items.flatMap((item) => {
    const exercise = input.catalogue.get(item.exercise);
    return exercise ? [itemOn(item, exercise, earlier, input)] : [];
  });
}

function itemOn(
  item: RoutineItem,
  exercise: Exercise,
  earlier: readonly WorkoutSession[],
  input: TodayInput,
): TodayItem {
  const done = earlier
    .map(({ day, sets }) => ({ day, sets: sets.filter((set) => set.exercise === exercise.id && !set.warmUp) }))
    .filter(({ sets }) => sets.length > 0);
  const previous = done.at(-1)?.sets ?? [];
  const counted = done.filter(({ day }) => !input.isEasy(day)).map(({ sets }) => sets);
  const planned =
    item.target.kind === "repetitions"
      ? withLoad(item, exercise, counted, input)
      : withAmount(item, item.target.kind, counted);
  if (!input.isEasy(input.day)) return { ...item, ...planned, previous };
  const sets = deloadSets(item.sets);
  const today = planned.entry
    ? [message("today.easyWeight", { sets, weight: planned.entry })]
    : [...planned.today, message("today.easy", { sets })];
  return { ...item, ...planned, sets, previous, today };
}

type Planned = Pick<TodayItem, "entry" | "target" | "today">;

function withLoad(item: RoutineItem, exercise: Exercise, done: readonly LoggedSet[][], input: TodayInput): Planned {
  const unit = unitOf(exercise, input.units);
  const loads = loadsOf(exercise, input.rack, unit);
  const measured = bodyWeightOn(input.day, input.bodyWeights);
  const body = measured ? convertWeight(liftedBody(exercise, measured), unit).value : 0;
  const history = done
    .map((sets) => sets.flatMap(({ entry, repetitions }) => (repetitions === null ? [] : [{ entry, repetitions }])))
    .filter((sets) => sets.length > 0);
  const next = nextLoad({ history, sets: item.sets, low: item.target.low, high: item.target.high, loads, unit, body });
  const entry =
    next.entry && input.isEasy(input.day) ? { value: deloadEntry(next.entry.value, body, loads), unit } : next.entry;
  return { entry, target: { kind: "repetitions", low: next.low, high: next.high }, today: [next.why] };
}

function withAmount(item: RoutineItem, kind: "seconds" | "metres", done: readonly LoggedSet[][]): Planned {
  const history = done.map((sets) => sets.flatMap((set) => set[kind] ?? [])).filter((amounts) => amounts.length > 0);
  const next = nextAmount(history, { kind, sets: item.sets, low: item.target.low, high: item.target.high });
  return {
    entry: null,
    target: { kind, low: next.amount, high: Math.max(next.amount, item.target.high) },
    today: [next.why],
  };
}
