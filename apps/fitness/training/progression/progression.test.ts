import fc from "fast-check";
import { expect, test } from "vitest";
import { barbellLoads } from "../measure/plates.ts";
import { standardRacks } from "../measure/loads.ts";
import { type DoneSet, isStep, nextAmount, nextLoad, type ProgressionInput } from "./progression.ts";

const bar = barbellLoads(standardRacks.kg);
const times = (sets: number, value: number, repetitions: number): DoneSet[] =>
  Array.from({ length: sets }, () => ({ entry: { value, unit: "kg" as const }, repetitions }));
const next = (history: DoneSet[][], more: Partial<ProgressionInput> = {}) =>
  nextLoad({ history, sets: 3, low: 8, high: 12, loads: bar, unit: "kg", body: 0, ...more });

test("3: 3×8 at 42 stays 42", () => {
  expect(next([times(3, 42, 8)])).toMatchObject({ change: "stay", entry: { value: 42, unit: "kg" } });
});

test("3: 3×12 adds a step, the smallest of 2 to 10 %", () => {
  // 42.5 kg would be 1.2 %.
  expect(next([times(3, 42, 12)])).toMatchObject({ change: "up", entry: { value: 45, unit: "kg" } });
  expect(next([times(3, 100, 12)])).toMatchObject({ change: "up", entry: { value: 102.5, unit: "kg" } });
});

test("3: two sets of three at the top are not enough, nor is one set too few", () => {
  expect(next([[...times(2, 42, 12), ...times(1, 42, 11)]]).change).toBe("stay");
  expect(next([times(2, 42, 12)])).toMatchObject({ change: "stay", why: { key: "weight.staySets" } });
});

test("3: with a single number as target, one repetition more in the last set adds a step", () => {
  const five = { low: 5, high: 5 };
  expect(next([times(3, 100, 5)], five).change).toBe("stay");
  expect(next([[...times(2, 100, 5), ...times(1, 100, 6)]], five).change).toBe("up");
});

test("3: every step is 2 to 10 %; a larger one is only taken when no such step exists and the repetitions make up for it", () => {
  const loads = fc
    .uniqueArray(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 40 })
    .map((values) => values.map((value) => value / 2).toSorted((one, other) => one - other));
  const history = fc.array(
    fc.tuple(fc.nat(39), fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 5 })),
    {
      minLength: 1,
      maxLength: 4,
    },
  );
  fc.assert(
    fc.property(loads, history, (available, sessions) => {
      const done = sessions.map(([at, repetitions]) =>
        repetitions.map((each) => ({
          entry: { value: available[at % available.length] ?? 1, unit: "kg" as const },
          repetitions: each,
        })),
      );
      const result = next(done, { loads: available });
      const from = done.at(-1)?.[0]?.entry.value ?? 0;
      const to = result.entry?.value ?? 0;
      expect(available).toContain(to);
      expect(Math.sign(to - from)).toBe(result.change === "up" ? 1 : result.change === "down" ? -1 : 0);
      if (result.change !== "up") return;
      expect(done.at(-1)?.length).toBeGreaterThanOrEqual(3);
      expect(Math.min(...(done.at(-1)?.map(({ repetitions }) => repetitions) ?? []))).toBeGreaterThanOrEqual(12);
      if (isStep(from, to)) return;
      expect(available.some((load) => isStep(from, load))).toBe(false);
      expect(result.why.key).toBe("weight.upFar");
    }),
  );
});

test("3: where the next dumbbell is too far, repetitions go on until it asks no more", () => {
  const loads = [4, 6];
  expect(next([times(3, 4, 12)], { loads })).toMatchObject({
    change: "more-repetitions",
    entry: { value: 4 },
    high: 20,
  });
  expect(next([times(3, 4, 20)], { loads })).toMatchObject({ change: "up", entry: { value: 6 } });
  expect(next([times(3, 10, 12)], { loads: [10, 12] })).toMatchObject({ change: "more-repetitions", high: 16 });
});

test("3: with help, the step counts what is lifted: less help", () => {
  const loads = [-30, -25, -20, -15, -10, -5, 0];
  const result = next([times(3, -20, 12)], { loads, body: 80 });
  expect(result).toMatchObject({ change: "up", entry: { value: -15, unit: "kg" } });
  expect(isStep(60, 65)).toBe(true);
});

test("two sessions below the range take a tenth off, one does not", () => {
  expect(next([times(3, 60, 6)]).change).toBe("stay");
  expect(next([times(3, 60, 6), times(3, 60, 7)])).toMatchObject({ change: "down", entry: { value: 52.5 } });
});

test("the first time nobody knows the weight", () => {
  expect(next([])).toMatchObject({ change: "start", entry: null, why: { key: "weight.start" } });
  expect(next([], { loads: [0] })).toMatchObject({ change: "start", why: { key: "weight.startBody" } });
});

test("without a heavier weight repetitions go to twenty, and then a harder exercise is due", () => {
  expect(next([times(3, 0, 12)], { loads: [0] })).toMatchObject({ change: "more-repetitions", high: 20 });
  expect(next([times(3, 0, 20)], { loads: [0] }).change).toBe("harder");
});

test("a log in pounds goes on in kilograms as what it was", () => {
  const done = [{ entry: { value: 93, unit: "lb" as const }, repetitions: 8 }];
  expect(next([done], { sets: 1 })).toMatchObject({ change: "stay", entry: { value: 42.5, unit: "kg" } });
});

test("the same history gives the same answer", () => {
  const history = [times(3, 42, 8), times(3, 42, 12)];
  expect(next(structuredClone(history))).toEqual(next(history));
});

test("a hold gets longer by a tenth when every set reached it, up to twice its target", () => {
  const target = { kind: "seconds", sets: 2, low: 20, high: 40 } as const;
  expect(nextAmount([], target)).toMatchObject({ change: "start", amount: 20 });
  expect(nextAmount([[20, 18]], target)).toMatchObject({ change: "stay", amount: 20 });
  expect(nextAmount([[20, 22]], target)).toMatchObject({ change: "up", amount: 25 });
  expect(nextAmount([[80, 80]], target)).toMatchObject({ change: "stay", amount: 80, why: { key: "amount.enough" } });
});
