import fc from "fast-check";
import { expect, test } from "vitest";
import { catalogue } from "../catalogue/index.ts";
import { convertDistance, convertWeight, shownWeight, type Units, unitOf, weightUnits } from "./units.ts";

const weight = fc.record({
  value: fc.double({ min: -200, max: 500, noNaN: true }),
  unit: fc.constantFrom(...weightUnits),
});
const swing = catalogue.get("kettlebell-swing");
const squat = catalogue.get("back-squat");

test("1: kilograms and pounds convert, and never only change their name", () => {
  expect(convertWeight({ value: 100, unit: "kg" }, "lb").value).toBeCloseTo(220.462, 3);
  expect(convertWeight({ value: 45, unit: "lb" }, "kg").value).toBeCloseTo(20.412, 3);
  fc.assert(
    fc.property(weight, fc.constantFrom(...weightUnits), (from, unit) => {
      const to = convertWeight(from, unit);
      expect(to.unit).toBe(unit);
      expect(convertWeight(to, from.unit).value).toBeCloseTo(from.value, 9);
      if (unit !== from.unit && Math.abs(from.value) > 1e-6) expect(to.value).not.toBe(from.value);
    }),
  );
});

test("1: each exercise has its unit: a 24 kg kettlebell stays 24 kg when the person changes to pounds", () => {
  if (!swing || !squat) throw new Error("The catalogue lacks an exercise.");
  const pounds: Units = { unit: "lb", exercises: {} };
  expect(shownWeight({ value: 24, unit: "kg" }, swing, pounds)).toEqual({ value: 24, unit: "kg" });
  expect(shownWeight({ value: 100, unit: "kg" }, squat, pounds)).toEqual({ value: 220.5, unit: "lb" });
});

test("1: what a person chose for an exercise goes before its own unit and before the general one", () => {
  if (!swing || !squat) throw new Error("The catalogue lacks an exercise.");
  const units: Units = { unit: "lb", exercises: { "kettlebell-swing": "lb", "back-squat": "kg" } };
  expect([unitOf(swing, units), unitOf(squat, units)]).toEqual(["lb", "kg"]);
});

test("distances convert by the definition of the mile", () => {
  expect(convertDistance(1_609.344, "mi")).toBe(1);
  expect(convertDistance(5_000, "km")).toBe(5);
});
