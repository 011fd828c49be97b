import fc from "fast-check";
import { expect, test } from "vitest";
import { catalogue } from "../catalogue/index.ts";
import { setOf } from "../testing/log.ts";
import { bodyWeightOn, loadOf, volumeOf } from "./load.ts";
import { formulas, oneRepetitionMaximum } from "./one-repetition-maximum.ts";
import { kilograms } from "./units.ts";

const get = (id: string) => {
  const exercise = catalogue.get(id);
  if (!exercise) throw new Error(id);
  return exercise;
};
const kg = (value: number) => ({ value, unit: "kg" }) as const;

test("2: −20 kg of help leave the body weight of that day less 20 kg", () => {
  const measured = [
    { day: "2026-01-01", weight: kg(90) },
    { day: "2026-06-01", weight: kg(80) },
  ];
  const on = (day: string) => loadOf(get("assisted-pull-up"), kg(-20), bodyWeightOn(day, measured));
  expect(on("2026-05-31")).toEqual(kg(70));
  expect(on("2026-06-01")).toEqual(kg(60));
  expect(volumeOf(setOf("assisted-pull-up", -20, 10), get("assisted-pull-up"), kg(80))).toBe(600);
});

test("2: before the first measured body weight the first one holds, and without any the load is unknown", () => {
  expect(bodyWeightOn("2026-01-01", [{ day: "2026-02-01", weight: kg(80) }])).toEqual(kg(80));
  expect(loadOf(get("assisted-pull-up"), kg(-20), undefined)).toBeUndefined();
});

test("2: body weight in pounds and help in kilograms are added as what they are", () => {
  fc.assert(
    fc.property(fc.integer({ min: 80, max: 400 }), fc.integer({ min: -36, max: 0 }), (pounds, entry) => {
      const load = loadOf(get("assisted-dip"), kg(entry), { value: pounds, unit: "lb" });
      expect(load && kilograms(load)).toBeCloseTo(Math.max(0, pounds * 0.45359237 + entry), 9);
    }),
  );
});

test("a pull-up lifts the body and what hangs on it, a push-up counts repetitions alone, a plank has no load", () => {
  expect(loadOf(get("pull-up"), kg(10), kg(80))).toEqual(kg(90));
  expect(loadOf(get("pull-up"), null, kg(80))).toEqual(kg(80));
  expect(loadOf(get("push-up"), null, kg(80))).toBeUndefined();
  expect(loadOf(get("plank"), null, kg(80))).toBeUndefined();
});

test("a warm-up has no volume", () => {
  expect(volumeOf(setOf("back-squat", 60, 5, { warmUp: true }), get("back-squat"), undefined)).toBe(0);
  expect(volumeOf(setOf("back-squat", 60, 5), get("back-squat"), undefined)).toBe(300);
});

test("5: an estimated maximum names its formula", () => {
  const epley = oneRepetitionMaximum(kg(100), 5, "epley");
  const brzycki = oneRepetitionMaximum(kg(100), 5, "brzycki");
  expect(epley?.formula).toBe("epley");
  expect(epley?.weight.value).toBeCloseTo(100 * (1 + 5 / 30), 9);
  expect(brzycki?.formula).toBe("brzycki");
  expect(brzycki?.weight.value).toBeCloseTo(100 / (1.0278 - 0.0278 * 5), 9);
});

test("5: above ten repetitions there is none, and a single one is measured, not estimated", () => {
  for (const formula of formulas) {
    expect(oneRepetitionMaximum(kg(60), 10, formula)).toBeDefined();
    expect(oneRepetitionMaximum(kg(60), 11, formula)).toBeUndefined();
    expect(oneRepetitionMaximum(kg(60), 0, formula)).toBeUndefined();
    expect(oneRepetitionMaximum(kg(60), 1, formula)).toEqual({ weight: kg(60), formula: "measured" });
  }
});

test("5: an estimate is never below the load, and grows with it and with the repetitions", () => {
  const load = fc.double({ min: 1, max: 400, noNaN: true });
  fc.assert(
    fc.property(load, fc.integer({ min: 1, max: 9 }), fc.constantFrom(...formulas), (value, repetitions, formula) => {
      const one = oneRepetitionMaximum(kg(value), repetitions, formula)?.weight.value ?? 0;
      const more = oneRepetitionMaximum(kg(value), repetitions + 1, formula)?.weight.value ?? 0;
      expect(one).toBeGreaterThanOrEqual(value);
      expect(more).toBeGreaterThan(one);
    }),
  );
});
