import { withDoctor } from "../doctor/delivery.ts";
import { inStage, type WatchedStage } from "../report/console.ts";
import type { Entry } from "./entry.ts";

/**
 * Does the work of a stage: the console shows it, and where it fails the doctor's finding is printed, if there is one.
 *
 * @throws whatever `work` throws
 */
export async function inDelivery<T>(
  entry: Entry,
  watched: Omit<WatchedStage, "environment">,
  work: () => Promise<T>,
): Promise<T> {
  return inStage({ ...watched, environment: entry.environment }, () => withDoctor(entry, work));
}
