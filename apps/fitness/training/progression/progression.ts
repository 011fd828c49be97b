import { convertWeight, type Weight, type WeightUnit } from "../measure/units.ts";
import { nearestLoad } from "../measure/loads.ts";
import { message, type Message } from "../model/message.ts";

/** A working set that was done. */
export interface DoneSet {
  /** Null where only repetitions count. */
  entry: Weight | null;
  repetitions: number;
}

/** What the rule looks at. */
export interface ProgressionInput {
  /** The working sets of each earlier session with this exercise, the latest last. */
  history: readonly (readonly DoneSet[])[];
  sets: number;
  /** The range of repetitions. A single number (low = high) counts as reached with one repetition more in the last set. */
  low: number;
  high: number;
  /** The entries that there are (`loadsOf`), ascending, in `unit`. */
  loads: readonly number[];
  unit: WeightUnit;
  /** The part of the body that is lifted with it, in `unit`; 0 where the body does not count. */
  body: number;
}

/** What is to be done today, and why. */
export interface Progression {
  change: "start" | "stay" | "up" | "down" | "more-repetitions" | "harder";
  /** Null where the person has to find it: the first time. */
  entry: Weight | null;
  low: number;
  high: number;
  why: Message;
}

/** A step of the load: 2 to 10 % (sources.ts: `acsm`). */
export const stepShare = { least: 0.02, most: 0.1 } as const;
/** What is taken off after two sessions below the range. */
const setback = 0.1;
/** Where no step of 10 % or less exists, repetitions go up to here at most before the next load is taken. */
const mostRepetitions = 20;
// Loads are decimal fractions: 1.1 × 50 is a little above 55.
const tolerance = 1e-9;

/**
 * Double progression (sources.ts: `acsm`): repetitions go up within the range, then the load goes up by the smallest step
 * of 2 to 10 %. Where equipment has no such step, repetitions go on until the next load asks no more by Epley's formula.
 * After two sessions with a set below the range the load goes down by a tenth.
 */
export function nextLoad(input: ProgressionInput): Progression {
  const { history, low, high, loads, unit } = input;
  const last = history.at(-1);
  if (!last || last.length === 0) {
    const [only] = loads;
    if (loads.length === 1 && only === 0)
      return { change: "start", entry: null, low, high, why: message("weight.startBody", { low, high }) };
    return { change: "start", entry: null, low, high, why: message("weight.start", { low, high }) };
  }
  const current = entryOf(last, input);
  const weight = { value: current, unit };
  const lifted = current + input.body;
  if (history.slice(-2).length === 2 && history.slice(-2).every((each) => missed(each, input))) {
    const lower = loads.findLast((load) => load < current && load + input.body <= lifted * (1 - setback) + tolerance);
    if (lower !== undefined)
      return result("down", lower, low, message("weight.down", { from: weight, to: { value: lower, unit }, low }));
  }
  const reached = (repetitions: number) =>
    last.length >= input.sets && last.every((set) => set.repetitions >= repetitions);
  const done = Math.min(...last.map((set) => set.repetitions));
  const top = low === high ? reached(high) && (last.at(-1)?.repetitions ?? 0) > high : reached(high);
  if (!top) {
    const key = last.length < input.sets ? "weight.staySets" : "weight.stay";
    return result("stay", current, low, message(key, { weight, high, done, sets: input.sets }));
  }
  const step = loads.find((load) => isStep(lifted, load + input.body));
  if (step !== undefined)
    return result(
      "up",
      step,
      low,
      message("weight.up", { from: weight, to: { value: step, unit }, high, sets: input.sets }),
    );
  const bigger = loads.find((load) => load > current + tolerance);
  if (bigger === undefined && high < mostRepetitions && !reached(mostRepetitions))
    return {
      ...result("more-repetitions", current, low, message("weight.more", { weight, high: mostRepetitions })),
      high: mostRepetitions,
    };
  if (bigger === undefined) return result("harder", current, low, message("weight.harder", { weight, high: done }));
  const enough = Math.max(high + 1, equalRepetitions(lifted, bigger + input.body, low));
  const to = { value: bigger, unit };
  if (lifted <= 0 || reached(enough))
    return result("up", bigger, low, message("weight.upFar", { from: weight, to, high: Math.max(high, done) }));
  return {
    ...result("more-repetitions", current, low, message("weight.gap", { weight, to, high: enough })),
    high: enough,
  };

  function result(change: Progression["change"], value: number, from: number, why: Message): Progression {
    return { change, entry: { value, unit }, low: from, high, why };
  }
}

/** Whether a load is a step above another: 2 to 10 % of what is lifted. */
export function isStep(from: number, to: number): boolean {
  return to >= from * (1 + stepShare.least) - tolerance && to <= from * (1 + stepShare.most) + tolerance && to > from;
}

/** With how many repetitions a load is worth the lowest repetitions at a higher one, by Epley's formula. */
function equalRepetitions(from: number, to: number, low: number): number {
  if (from <= 0) return low;
  return Math.min(mostRepetitions, Math.ceil(30 * ((to / from) * (1 + low / 30) - 1) - tolerance));
}

/** The entry of a session: its lightest working set, in the exercise's unit. A change of unit rounds it to what there is. */
function entryOf(sets: readonly DoneSet[], { unit, loads }: ProgressionInput): number {
  const entries = sets.map(({ entry }) => entry ?? { value: 0, unit });
  const lightest = Math.min(...entries.map((entry) => convertWeight(entry, unit).value));
  const converted = entries.some((entry) => entry.unit !== unit);
  return converted ? (nearestLoad(lightest, loads) ?? lightest) : lightest;
}

const missed = (sets: readonly DoneSet[], { low }: ProgressionInput) =>
  sets.length > 0 && sets.some((set) => set.repetitions < low);

/** A hold or a piece of conditioning, in seconds or metres. */
export interface AmountProgression {
  change: "start" | "stay" | "up";
  amount: number;
  why: Message;
}

/**
 * Time and distance: when every set reached the amount, the next is longer by a tenth, and at least by five seconds or metres, up
 * to twice the target.
 *
 * @param history the seconds or metres of each earlier session's sets, the latest last
 */
export function nextAmount(
  history: readonly (readonly number[])[],
  target: { kind: "seconds" | "metres"; sets: number; low: number; high: number },
): AmountProgression {
  const last = history.at(-1);
  const say = (key: "start" | "stay" | "up" | "enough", amount: number, done = 0) =>
    message(`amount.${key}`, {
      amount: { amount, of: target.kind },
      ...(key === "up" && { done: { amount: done, of: target.kind } }),
    });
  if (!last || last.length === 0) return { change: "start", amount: target.low, why: say("start", target.low) };
  const done = Math.min(...last);
  if (last.length < target.sets || done < target.low)
    return { change: "stay", amount: target.low, why: say("stay", target.low) };
  const grain = done >= 300 ? 30 : 5;
  const longer = done + Math.max(grain, Math.floor((done * stepShare.most) / grain) * grain);
  const amount = Math.min(longer, 2 * target.high);
  if (amount <= done) return { change: "stay", amount: done, why: say("enough", done) };
  return { change: "up", amount, why: say("up", amount, done) };
}
