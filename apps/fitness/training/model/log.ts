import type { Day } from "../calendar/days.ts";
import type { Weight } from "../measure/units.ts";

/** One set that was done. What does not apply to its exercise is null. */
export interface LoggedSet {
  /** Made where it was logged, so that sending it twice changes nothing. */
  id: string;
  exercise: string;
  /** ISO 8601 in UTC. */
  at: string;
  /** As the person entered it, in the unit in which it was entered; negative for assistance. */
  entry: Weight | null;
  repetitions: number | null;
  seconds: number | null;
  metres: number | null;
  /** A warm-up counts for nothing. */
  warmUp: boolean;
}

/** A training session, running or finished. */
export interface WorkoutSession {
  id: string;
  /** The routine and its day that it follows; null for a free one. */
  routine: { id: string; day: string } | null;
  /** The calendar day where the person was when it started: midnight and travel do not change it. */
  day: Day;
  /** ISO 8601 in UTC. */
  startedAt: string;
  /** Null while it runs. */
  finishedAt: string | null;
  sets: readonly LoggedSet[];
}

/** A body weight that was measured. One a day: a later one replaces it. */
export interface BodyWeight {
  day: Day;
  weight: Weight;
}
