import type { Catalogue, Exercise } from "../model/exercise.ts";
import { bridgeExercises } from "./lower/bridge.ts";
import { calfAndCarryExercises } from "./lower/calf-and-carry.ts";
import { deadliftExercises } from "./lower/deadlift.ts";
import { hingeExercises } from "./lower/hinge.ts";
import { hipExercises } from "./lower/hip.ts";
import { kneeFlexionExercises } from "./lower/knee-flexion.ts";
import { lungeExercises } from "./lower/lunge.ts";
import { squatExercises } from "./lower/squat.ts";
import { stepsAndThighsExercises } from "./lower/steps-and-thighs.ts";
import { bicepsExercises } from "./upper/biceps.ts";
import { chestPressExercises } from "./upper/chest-press.ts";
import { overheadExercises } from "./upper/overhead.ts";
import { pullUpExercises } from "./upper/pull-up.ts";
import { pulldownExercises } from "./upper/pulldown.ts";
import { pushUpExercises } from "./upper/push-up.ts";
import { rowExercises } from "./upper/row.ts";
import { shouldersExercises } from "./upper/shoulders.ts";
import { tricepsExercises } from "./upper/triceps.ts";
import { upperBackExercises } from "./upper/upper-back.ts";
import { conditioningExercises } from "./whole/conditioning.ts";
import { crunchExercises } from "./whole/crunch.ts";
import { holdExercises } from "./whole/hold.ts";
import { runExercises } from "./whole/run.ts";

/** Every exercise that comes with FitFusion, each written by us. */
export const exercises: readonly Exercise[] = [
  ...squatExercises,
  ...stepsAndThighsExercises,
  ...lungeExercises,
  ...hingeExercises,
  ...deadliftExercises,
  ...kneeFlexionExercises,
  ...pushUpExercises,
  ...chestPressExercises,
  ...overheadExercises,
  ...rowExercises,
  ...upperBackExercises,
  ...pullUpExercises,
  ...pulldownExercises,
  ...shouldersExercises,
  ...bicepsExercises,
  ...tricepsExercises,
  ...holdExercises,
  ...crunchExercises,
  ...bridgeExercises,
  ...hipExercises,
  ...calfAndCarryExercises,
  ...runExercises,
  ...conditioningExercises,
];

/** Our exercises by their id, and those of a person. A person's exercise that has an id of the catalogue is left out. */
export function catalogueWith(own: readonly Exercise[] = []): Catalogue {
  return new Map([...own, ...exercises].map((each) => [each.id, each]));
}

/** Our exercises by their id. */
export const catalogue: Catalogue = catalogueWith();
