import { describe, expect, test } from "vitest";
import { drawings } from "../drawing/poses.ts";
import { drawingOf } from "../drawing/index.ts";
import { type Exercise, injuries, languages, levels, muscles, patterns } from "../model/exercise.ts";
import { equipmentSets } from "../model/profile.ts";
import { majorMuscles } from "../plan/bands.ts";
import { suits } from "../plan/select.ts";
import { problemsOf } from "./check.ts";
import { catalogue, catalogueWith, exercises } from "./index.ts";

const [row] = exercises as [Exercise, ...Exercise[]];
const trains = (muscle: string) => (each: Exercise) =>
  each.pattern !== "conditioning" && (each.primary as readonly string[]).includes(muscle);

test("there are at least 120 exercises, and nothing is wrong with any", () => {
  expect(exercises.length).toBeGreaterThanOrEqual(120);
  expect(problemsOf(exercises)).toEqual([]);
});

describe("a faulty row is found", () => {
  const faults: [string, Partial<Exercise>][] = [
    ["no author", { author: "" }],
    ["no licence", { licence: " " }],
    ["an id that is not lower-case words", { id: "Back Squat" }],
    ["no English name", { en: { ...row.en, name: "" } }],
    ["no Spanish name", { es: { ...row.es, name: "" } }],
    ["too few steps", { en: { ...row.en, steps: ["Stand."] } }],
    ["steps that do not match the other language's", { es: { ...row.es, steps: row.es.steps.slice(1) } }],
    ["a step without an end", { es: { ...row.es, steps: [...row.es.steps.slice(1), "Sube"] } }],
    ["no muscle", { primary: [] }],
    ["a muscle twice", { secondary: row.primary }],
    ["an alternative that is not there", { alternatives: ["gone"] }],
    ["itself as its alternative", { alternatives: [row.id] }],
    ["an injury without an alternative", { avoid: ["knee"], alternatives: ["leg-press"] }],
    ["a unit that does not fit its load", { unit: "s" }],
    ["a drawing that is not there", { drawing: "gone" }],
  ];
  test.each(faults)("%s", (_fault, change) => {
    const id = change.id ?? row.id;
    const faulty = exercises.map((each) => (each === row ? { ...each, ...change } : each));
    expect(problemsOf(faulty).filter((problem) => problem.startsWith(`${id}: `))).not.toEqual([]);
  });

  test.each([
    ["id", { ...row }],
    ["English name", { ...row, id: "other", es: { ...row.es, name: "Otra" } }],
    ["Spanish name", { ...row, id: "other", en: { ...row.en, name: "OTHER" } }],
    [
      "English name but for its case and accents",
      { ...row, id: "other", en: { ...row.en, name: row.en.name.toUpperCase() } },
    ],
  ])("the same %s twice", (_what, twin) => {
    expect(problemsOf([...exercises, twin]).some((problem) => problem.includes("twice"))).toBe(true);
  });

  test("a row that lacks the fields altogether, as JSON may", () => {
    const { author: _author, licence: _licence, ...rest } = row;
    const problems = problemsOf([...exercises.slice(1), rest as Exercise]);
    expect(problems).toEqual([`${row.id}: author is missing`, `${row.id}: licence is missing`]);
  });
});

test("every muscle has an exercise, every major one three, and every movement as well", () => {
  for (const muscle of muscles)
    expect({
      muscle,
      count: exercises.filter(trains(muscle)).length >= ((majorMuscles as readonly string[]).includes(muscle) ? 3 : 1),
    }).toEqual({ muscle, count: true });
  for (const pattern of patterns)
    expect(exercises.filter((each) => each.pattern === pattern).length).toBeGreaterThan(2);
});

test("every set of equipment trains every major muscle, for a novice with any one injury", () => {
  for (const [set, equipment] of Object.entries(equipmentSets))
    for (const injury of injuries)
      for (const muscle of majorMuscles) {
        const found = exercises
          .filter(trains(muscle))
          .filter((each) => suits(each, { equipment, injuries: [injury], level: "novice" }));
        expect({ set, injury, muscle, some: found.length > 0 }).toEqual({ set, injury, muscle, some: true });
      }
});

test("every set of equipment has conditioning for any one injury", () => {
  for (const equipment of Object.values(equipmentSets))
    for (const injury of injuries)
      expect(
        exercises.some(
          (each) => each.pattern === "conditioning" && suits(each, { equipment, injuries: [injury], level: "novice" }),
        ),
      ).toBe(true);
});

test("every level has something of its own", () => {
  for (const level of levels) expect(exercises.filter((each) => each.level === level).length).toBeGreaterThan(10);
});

test("the two languages are two: no name is the same in both", () => {
  expect(exercises.filter((each) => each.en.name === each.es.name).map(({ id }) => id)).toEqual([]);
  expect(languages).toEqual(["en", "es"]);
});

test("every drawing is used, and every exercise has one", () => {
  const used = new Set(exercises.map(({ drawing }) => drawing));
  expect(Object.keys(drawings).filter((name) => !used.has(name))).toEqual([]);
  for (const each of exercises) expect(drawingOf(each)).toMatch(/^<svg /);
});

test("a person's exercises join ours, and cannot replace one", () => {
  const joined = catalogueWith([
    { ...row, id: "mine" },
    { ...row, author: "me" },
  ]);
  expect(joined.size).toBe(catalogue.size + 1);
  expect(joined.get(row.id)).toBe(row);
});
