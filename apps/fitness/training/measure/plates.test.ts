import fc from "fast-check";
import { expect, test } from "vitest";
import { catalogue } from "../catalogue/index.ts";
import { loadsOf, nearestLoad, roundToLoads, standardRacks } from "./loads.ts";
import { barbellLoads, loadBar, type Plates } from "./plates.ts";

const anyPlates: fc.Arbitrary<Plates> = fc.record({
  unit: fc.constant("kg"),
  bar: fc.constantFrom(10, 15, 20),
  plates: fc.uniqueArray(fc.record({ weight: fc.constantFrom(0.5, 1.25, 2.5, 5, 10, 15, 20, 25), pairs: fc.nat(3) }), {
    selector: ({ weight }) => weight,
  }),
});

test("a bar is loaded with as few plates as possible", () => {
  expect(loadBar({ value: 100, unit: "kg" }, standardRacks.kg)).toEqual({
    weight: { value: 100, unit: "kg" },
    side: [20, 20],
    missing: 0,
  });
  expect(loadBar({ value: 63, unit: "kg" }, standardRacks.kg)).toMatchObject({ side: [20, 1.25], missing: 0.5 });
});

test("a weight in pounds is loaded on a bar in kilograms as what it is, not as its number", () => {
  expect(loadBar({ value: 225, unit: "lb" }, standardRacks.kg)?.weight).toEqual({ value: 100, unit: "kg" });
  expect(loadBar({ value: 225, unit: "lb" }, standardRacks.lb)?.side).toEqual([45, 45]);
});

test("below the bar's own weight there is no loading", () => {
  expect(loadBar({ value: 15, unit: "kg" }, standardRacks.kg)).toBeUndefined();
});

test("a loading is never above its weight, uses only the plates that there are, and nothing nearer exists", () => {
  fc.assert(
    fc.property(anyPlates, fc.integer({ min: 20, max: 300 }), (plates, value) => {
      const loading = loadBar({ value, unit: "kg" }, plates);
      if (!loading) throw new Error("There is always the bar.");
      expect(loading.weight.value).toBeLessThanOrEqual(value);
      expect(loading.weight.value).toBeCloseTo(plates.bar + 2 * loading.side.reduce((sum, each) => sum + each, 0), 9);
      expect(loading.weight.value + loading.missing).toBeCloseTo(value, 9);
      for (const { weight, pairs } of plates.plates)
        expect(loading.side.filter((each) => each === weight).length).toBeLessThanOrEqual(pairs);
      const below = barbellLoads(plates).filter((load) => load <= value);
      expect(loading.weight.value).toBeCloseTo(Math.max(...below), 9);
    }),
  );
});

test("a weight is rounded to what its equipment has", () => {
  const loads = (id: string, unit: "kg" | "lb") => {
    const exercise = catalogue.get(id);
    if (!exercise) throw new Error(id);
    return loadsOf(exercise, standardRacks[unit], unit);
  };
  expect(roundToLoads({ value: 43, unit: "kg" }, loads("back-squat", "kg")).value).toBe(42.5);
  expect(roundToLoads({ value: 13, unit: "kg" }, loads("dumbbell-curl", "kg")).value).toBe(12);
  expect(roundToLoads({ value: 23, unit: "kg" }, loads("kettlebell-swing", "kg")).value).toBe(22);
  // Kettlebells are cast in kilograms: in pounds they have no round number.
  expect(nearestLoad(53, loads("kettlebell-swing", "lb"))).toBeCloseTo(52.91, 2);
  expect(loads("push-up", "kg")).toEqual([0]);
});

test("2: an assisted exercise has negative entries, the most help first", () => {
  const pullUp = catalogue.get("assisted-pull-up");
  if (!pullUp) throw new Error("The catalogue lacks it.");
  const loads = loadsOf(pullUp, standardRacks.kg, "kg");
  expect(loads).toContain(-20);
  expect(loads.at(-1)).toBe(0);
  expect(loads).toEqual(loads.toSorted((one, other) => one - other));
});
