import type { Message } from "./message.ts";

/** What each set should reach, from `low` to `high`, both included. */
export interface Target {
  kind: "repetitions" | "seconds" | "metres";
  low: number;
  high: number;
}

/** An exercise of a training day. */
export interface RoutineItem {
  /** The exercise's id. */
  exercise: string;
  sets: number;
  target: Target;
  /** Seconds of rest after a set. */
  rest: number;
  /** Why it is there; empty in a routine that a person wrote. */
  why: readonly Message[];
}

/** What is done on one day. */
export interface RoutineDay {
  /** Unique in its routine: a letter, as a rule. */
  id: string;
  items: readonly RoutineItem[];
}

/** Training days in the order in which they come. */
export interface Routine {
  id: string;
  name: string;
  days: readonly RoutineDay[];
  /** One slot for each calendar day, from the first on and then from the beginning: a day's id, or null for rest. */
  cycle: readonly (string | null)[];
}
