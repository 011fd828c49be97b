import type { Schedule } from "../calendar/schedule.ts";
import type { Units } from "../measure/units.ts";
import type { Exercise } from "../model/exercise.ts";
import type { BodyWeight, WorkoutSession } from "../model/log.ts";
import type { Profile } from "../model/profile.ts";
import type { Routine } from "../model/routine.ts";

/** A routine that the person follows, and since when. */
export interface Programme {
  id: string;
  routine: string;
  schedule: Schedule;
}

/** All that belongs to a person, except how they sign in. */
export interface PersonalData {
  profile: Profile | null;
  units: Units;
  /** Exercises that the person wrote. */
  exercises: readonly Exercise[];
  routines: readonly Routine[];
  programmes: readonly Programme[];
  sessions: readonly WorkoutSession[];
  bodyWeights: readonly BodyWeight[];
}

/** What an export is: its form has a name and a version, so that a later one can still read it. */
export interface ExportFile extends PersonalData {
  format: "fitfusion";
  version: 1;
}

const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);

/** The data in one order, whatever order it came in: two accounts with the same data export the same text. */
export function toExport(data: PersonalData): ExportFile {
  const byId = <Entry extends { id: string }>(list: readonly Entry[]) =>
    list.toSorted((one, other) => compare(one.id, other.id));
  return {
    format: "fitfusion",
    version: 1,
    profile: data.profile,
    units: data.units,
    exercises: byId(data.exercises),
    routines: byId(data.routines),
    programmes: byId(data.programmes),
    sessions: byId(data.sessions),
    bodyWeights: data.bodyWeights.toSorted((one, other) => compare(one.day, other.day)),
  };
}

/** Something that an import left as it was. */
export interface Skipped {
  what: "exercises" | "routines" | "programmes" | "sessions" | "bodyWeights" | "profile" | "units";
  /** The entry's id, or the day of a body weight; the empty string for profile and units. */
  id: string;
  /** `same`: it is there already; `different`: another one with its id is there, and was kept. */
  why: "same" | "different";
}

/** What an import made. */
export interface Imported {
  data: PersonalData;
  /** How many entries are new. */
  added: number;
  skipped: Skipped[];
}

/**
 * Adds an export to an account. What is there already is never changed, so the same import twice adds nothing the second
 * time. A new account (no profile) takes the profile and the units of the file.
 *
 * @param file checked by the caller: an {@link ExportFile}
 */
export function importInto(existing: PersonalData, file: ExportFile): Imported {
  const skipped: Skipped[] = [];
  let added = 0;
  function merge<Entry>(
    what: Skipped["what"],
    here: readonly Entry[],
    there: readonly Entry[],
    id: (entry: Entry) => string,
  ) {
    const known = new Map(here.map((entry) => [id(entry), entry]));
    for (const entry of there) {
      const own = known.get(id(entry));
      if (own === undefined) {
        known.set(id(entry), entry);
        added += 1;
      } else skipped.push({ what, id: id(entry), why: isEqual(own, entry) ? "same" : "different" });
    }
    return [...known.values()];
  }
  const byId = (entry: { id: string }) => entry.id;
  const isNew = existing.profile === null;
  if (!isNew && file.profile)
    skipped.push({ what: "profile", id: "", why: isEqual(existing.profile, file.profile) ? "same" : "different" });
  if (!isNew) skipped.push({ what: "units", id: "", why: isEqual(existing.units, file.units) ? "same" : "different" });
  if (isNew && file.profile) added += 1;
  const data: PersonalData = {
    profile: existing.profile ?? file.profile,
    units: isNew ? file.units : existing.units,
    exercises: merge("exercises", existing.exercises, file.exercises, byId),
    routines: merge("routines", existing.routines, file.routines, byId),
    programmes: merge("programmes", existing.programmes, file.programmes, byId),
    sessions: merge("sessions", existing.sessions, file.sessions, byId),
    bodyWeights: merge("bodyWeights", existing.bodyWeights, file.bodyWeights, (entry) => entry.day),
  };
  return { data, added, skipped };
}

/** Whether two values of JSON are the same, whatever order their keys have. */
export function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .toSorted(([a], [b]) => compare(a, b))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

/** The text of an export: the same data give the same text. */
export const exportText = (data: PersonalData): string => `${JSON.stringify(sorted(toExport(data)), null, 2)}\n`;
