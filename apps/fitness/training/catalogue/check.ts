import { drawings } from "../drawing/poses.ts";
import { type Exercise, type ExerciseUnit, languages, type LoadKind } from "../model/exercise.ts";

const units: Readonly<Record<LoadKind, readonly ExerciseUnit[]>> = {
  weighted: ["person", "kg"],
  assisted: ["person"],
  bodyweight: ["person"],
  time: ["s"],
  distance: ["m"],
};

/** What is wrong with a catalogue, each as `id: what`; nothing where it is sound. Also for rows that come from JSON. */
export function problemsOf(exercises: readonly Exercise[]): string[] {
  const byId = new Map(exercises.map((each) => [each.id, each]));
  return [
    ...exercises.flatMap((each) => rowProblems(each, byId).map((what) => `${each.id}: ${what}`)),
    ...twins(exercises),
  ];
}

const isBlank = (text: string | undefined) => (text ?? "").trim() === "";

function rowProblems(row: Exercise, byId: ReadonlyMap<string, Exercise>): string[] {
  const problems: string[] = [];
  const must = (holds: boolean, what: string) => {
    if (!holds) problems.push(what);
  };
  must(!isBlank(row.author), "author is missing");
  must(!isBlank(row.licence), "licence is missing");
  must(/^[a-z]+(-[a-z]+)*$/.test(row.id), "its id is not lower-case words joined by hyphens");
  for (const language of languages) {
    const { name, steps } = row[language];
    must(!isBlank(name), `its name is missing (${language})`);
    must(steps.length >= 2, `it has fewer than two steps (${language})`);
    for (const step of steps) must(/^\p{Lu}.*[.!]$/su.test(step), `"${step}" is not a sentence (${language})`);
  }
  must(row.en.steps.length === row.es.steps.length, "its steps differ in number between the languages");
  must(row.primary.length > 0, "it trains no muscle");
  const muscles = [...row.primary, ...row.secondary];
  must(new Set(muscles).size === muscles.length, "a muscle is named twice");
  must(units[row.load].includes(row.unit), `the unit "${row.unit}" does not fit the load "${row.load}"`);
  must(row.drawing === undefined || Object.hasOwn(drawings, row.drawing), `there is no drawing "${row.drawing ?? ""}"`);
  return [...problems, ...alternativeProblems(row, byId)];
}

/** Alternatives are there, train one of the same muscles, and each injury has one that it allows. */
function alternativeProblems(row: Exercise, byId: ReadonlyMap<string, Exercise>): string[] {
  const problems: string[] = [];
  const found = row.alternatives.flatMap((id) => byId.get(id) ?? []);
  if (row.alternatives.length === 0) problems.push("it has no alternative");
  if (new Set(row.alternatives).size !== row.alternatives.length) problems.push("an alternative is named twice");
  if (row.alternatives.includes(row.id)) problems.push("it is its own alternative");
  for (const id of row.alternatives) if (!byId.has(id)) problems.push(`there is no alternative "${id}"`);
  for (const each of found)
    if (!each.primary.some((muscle) => row.primary.includes(muscle)))
      problems.push(`the alternative "${each.id}" trains something else`);
  for (const injury of row.avoid)
    if (!found.some((each) => !each.avoid.includes(injury))) problems.push(`no alternative is good for "${injury}"`);
  return problems;
}

/** A name without its case and its accents: two that differ in nothing else are the same to a reader. */
const bare = (text: string) => text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase().trim();

function twins(exercises: readonly Exercise[]): string[] {
  const keys: [string, (each: Exercise) => string][] = [
    ["id", ({ id }) => id],
    ["English name", ({ en }) => bare(en.name)],
    ["Spanish name", ({ es }) => bare(es.name)],
  ];
  return keys.flatMap(([what, keyOf]) => {
    const seen = new Set<string>();
    return exercises.flatMap((each) => {
      const key = keyOf(each);
      if (seen.has(key)) return [`${each.id}: its ${what} is there twice`];
      seen.add(key);
      return [];
    });
  });
}
