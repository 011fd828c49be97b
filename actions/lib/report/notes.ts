import { messageOf } from "../core/errors.ts";

/** Lets work fail without ending what needs it, and notes what failed. */
export interface Notes {
  /** One line each. */
  notes: string[];
  /** What `work` gives; `instead`, with a note that `what` is missing, where it fails. */
  orElse: <Value>(what: string, instead: Value, work: Promise<Value>) => Promise<Value>;
}

/** @param known what is noted already */
export function settledNotes(known: readonly string[] = []): Notes {
  const notes = [...known];
  return {
    notes,
    orElse: (what, instead, work) =>
      work.catch((error: unknown) => {
        notes.push(`The report lacks its ${what}: ${messageOf(error)}`);
        return instead;
      }),
  };
}
