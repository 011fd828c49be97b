import fc from "fast-check";
import { equipment, injuries, levels } from "../model/exercise.ts";
import { equipmentSets, goals, type Profile } from "../model/profile.ts";

/** Any person: a usual set of equipment or a chance one, up to three injuries, any number of days. */
export const anyProfile: fc.Arbitrary<Profile> = fc.record({
  goal: fc.constantFrom(...goals),
  level: fc.constantFrom(...levels),
  daysPerWeek: fc.integer({ min: 1, max: 7 }),
  equipment: fc.oneof(fc.constantFrom(...Object.values(equipmentSets)), fc.subarray([...equipment])),
  injuries: fc.subarray([...injuries], { maxLength: 3 }),
  unit: fc.constantFrom("kg", "lb"),
});
