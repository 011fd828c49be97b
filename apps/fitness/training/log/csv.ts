import type { Catalogue, TextLanguage } from "../model/exercise.ts";
import type { WorkoutSession } from "../model/log.ts";

const columns = [
  "session",
  "day",
  "started_at",
  "finished_at",
  "exercise",
  "exercise_name",
  "set",
  "at",
  "weight",
  "unit",
  "repetitions",
  "seconds",
  "metres",
  "warm_up",
];

/**
 * The sessions as CSV (https://www.rfc-editor.org/rfc/rfc4180): a row for each set, oldest session first. Numbers have a
 * point. A text that a spreadsheet would take for a formula gets an apostrophe
 * (https://owasp.org/www-community/attacks/CSV_Injection).
 */
export function sessionsCsv(sessions: readonly WorkoutSession[], catalogue: Catalogue, language: TextLanguage): string {
  const rows = sessions
    .toSorted((one, other) => (one.startedAt < other.startedAt ? -1 : 1))
    .flatMap((session) =>
      session.sets.map((set, index) => [
        text(session.id),
        session.day,
        session.startedAt,
        session.finishedAt ?? "",
        text(set.exercise),
        text(catalogue.get(set.exercise)?.[language].name ?? set.exercise),
        index + 1,
        set.at,
        set.entry?.value ?? "",
        set.entry?.unit ?? "",
        set.repetitions ?? "",
        set.seconds ?? "",
        set.metres ?? "",
        set.warmUp ? "yes" : "no",
      ]),
    );
  return [columns, ...rows].map((row) => `${row.join(",")}\r\n`).join("");
}

function text(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
