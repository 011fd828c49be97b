import { expect, test } from "vitest";
import { catalogue } from "../catalogue/index.ts";
import { levels } from "../model/exercise.ts";
import { predefinedRoutines } from "./index.ts";

test.each(predefinedRoutines.map((each) => [each.id, each] as const))(
  "%s is complete and fits its level",
  (_id, routine) => {
    expect(routine.cycle.filter((slot) => slot !== null).toSorted()).toEqual(
      routine.days.map(({ id }) => id).toSorted(),
    );
    expect(routine.cycle).toContain(null);
    for (const { items } of routine.days)
      for (const { exercise, sets, target } of items) {
        const row = catalogue.get(exercise);
        if (!row) throw new Error(`${exercise} is not in the catalogue.`);
        expect(levels.indexOf(row.level)).toBeLessThanOrEqual(levels.indexOf(routine.level));
        expect(target.kind).toBe(row.load === "time" ? "seconds" : row.load === "distance" ? "metres" : "repetitions");
        expect(target.low).toBeLessThanOrEqual(target.high);
        expect(sets).toBeGreaterThan(0);
      }
    for (const texts of [routine.name, routine.about]) expect(texts.en).not.toBe(texts.es);
  },
);

test("4: a novice's predefined routine has 8 to 12 repetitions on at most every other day", () => {
  for (const { days, cycle } of predefinedRoutines.filter(({ level }) => level === "novice")) {
    expect(cycle.filter((slot) => slot !== null).length).toBeLessThanOrEqual(Math.ceil(cycle.length / 2));
    for (const { target } of days.flatMap(({ items }) => items))
      if (target.kind === "repetitions") expect(target).toMatchObject({ low: 8, high: 12 });
  }
});

test("ids and names are unique, and 6: a loop of four days is among them", () => {
  for (const key of ["id", "en", "es"] as const) {
    const values = predefinedRoutines.map((each) => (key === "id" ? each.id : each.name[key]));
    expect(new Set(values).size).toBe(values.length);
  }
  expect(predefinedRoutines.some(({ cycle }) => cycle.length === 4)).toBe(true);
});
