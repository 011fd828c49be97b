import type { Billable } from "../prices/prices.ts";
import type { Down } from "./down/down.ts";
import type { Environment } from "./environment.ts";
import type { Up } from "./up/up.ts";

/** One thing that a stage is made of. */
export interface StagePart {
  name: string;
  /** What is known of it, in the order in which a person reads it. */
  facts: Record<string, string | number | boolean>;
  /** What of it costs. */
  billables?: Billable[];
  /** When it was made, ISO 8601; of what tells since when an environment is there. */
  since?: string;
}

/** What was seen of a stage. */
export type StageObservation =
  | { state: "absent" }
  | { state: "present"; parts: StagePart[] }
  /** On its way to another state by itself. */
  | { state: "changing"; parts: StagePart[]; why: string }
  /** Not as it has to be, and no operation is running. */
  | { state: "broken"; parts: StagePart[]; why: string }
  /** It could not be seen, or not all of it: neither "there" nor "not there" may be concluded. */
  | { state: "unknown"; parts: StagePart[]; why: string };

/** A stage of an environment's life. Each needs those before it. */
export interface LifecycleStage {
  name: string;
  /** What it is, for a person. */
  description: string;
  /** Looks, and changes nothing. @throws SlipwayError, or an error of the AWS SDK, when it cannot look */
  observe(environment: Environment): Promise<StageObservation>;
  /** How `actions/infra` brings it up; absent where something else does. */
  up?: Up;
  /** What brings it up, where that is not `up`. */
  comes?: string;
  /** How it is taken away; absent where it goes with another one, or is not the pipeline's to take away. */
  down?: Down;
}

/** What stands in the way of `present`. */
export interface Trouble {
  broken?: string | undefined;
  changing?: string | undefined;
}

/** The observation of what is there: `broken` as soon as anything is, else `changing` as soon as anything does. */
export function observed(parts: StagePart[], troubles: readonly (Trouble | undefined)[] = []): StageObservation {
  if (parts.length === 0) return { state: "absent" };
  const all = (kind: keyof Trouble) => troubles.flatMap((each) => each?.[kind] ?? []).join("; ");
  const [broken, changing] = [all("broken"), all("changing")];
  if (broken) return { state: "broken", parts, why: broken };
  return changing ? { state: "changing", parts, why: changing } : { state: "present", parts };
}
