import type { Day } from "../calendar/days.ts";
import { bodyWeightOn, loadOf } from "../measure/load.ts";
import { type Estimate, type Formula, oneRepetitionMaximum } from "../measure/one-repetition-maximum.ts";
import { kilograms, type Weight } from "../measure/units.ts";
import type { Catalogue } from "../model/exercise.ts";
import type { BodyWeight, LoggedSet, WorkoutSession } from "../model/log.ts";

/** What can be a record. */
export const recordKinds = ["load", "strength", "repetitions", "seconds", "metres"] as const;
export type RecordKind = (typeof recordKinds)[number];

/** The best that somebody has done in one exercise, and when for the first time. */
export interface PersonalRecord {
  kind: RecordKind;
  exercise: string;
  /** The heaviest load, the best estimate (with its formula), or the highest number. */
  value: Weight | Estimate | number;
  day: Day;
  session: string;
  set: string;
}

type Candidate = Pick<PersonalRecord, "kind" | "value"> & { size: number };

/**
 * Every record. What comes first keeps it: to equal a record is not to break it.
 *
 * @param sessions finished or not, in any order; warm-ups do not count
 */
export function recordsOf(
  sessions: readonly WorkoutSession[],
  bodyWeights: readonly BodyWeight[],
  catalogue: Catalogue,
  formula: Formula,
): PersonalRecord[] {
  const best = new Map<string, PersonalRecord & { size: number }>();
  const inOrder = sessions.toSorted((one, other) => (one.startedAt < other.startedAt ? -1 : 1));
  for (const session of inOrder) {
    const body = bodyWeightOn(session.day, bodyWeights);
    for (const set of session.sets.filter((each) => !each.warmUp)) {
      for (const candidate of candidatesOf(set, body, catalogue, formula)) {
        const name = `${set.exercise} ${candidate.kind}`;
        if (candidate.size > (best.get(name)?.size ?? 0))
          best.set(name, { ...candidate, exercise: set.exercise, day: session.day, session: session.id, set: set.id });
      }
    }
  }
  return [...best.values()].map(({ size: _size, ...record }) => record);
}

/** The records that were set in one session. */
export const recordsIn = (session: string, records: readonly PersonalRecord[]): PersonalRecord[] =>
  records.filter((record) => record.session === session);

function candidatesOf(set: LoggedSet, body: Weight | undefined, catalogue: Catalogue, formula: Formula): Candidate[] {
  const exercise = catalogue.get(set.exercise);
  if (!exercise) return [];
  const load = loadOf(exercise, set.entry, body);
  const estimate = load && oneRepetitionMaximum(load, set.repetitions ?? 0, formula);
  const found: Candidate[] = [];
  if (load && (set.repetitions ?? 0) > 0) found.push({ kind: "load", value: load, size: kilograms(load) });
  if (estimate) found.push({ kind: "strength", value: estimate, size: kilograms(estimate.weight) });
  for (const kind of ["repetitions", "seconds", "metres"] as const) {
    const value = set[kind];
    if (value !== null) found.push({ kind, value, size: value });
  }
  return found;
}
