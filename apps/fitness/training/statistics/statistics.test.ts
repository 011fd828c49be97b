import fc from "fast-check";
import { expect, test } from "vitest";
import { addDays, daysIn } from "../calendar/days.ts";
import { plannedDays, type Schedule } from "../calendar/schedule.ts";
import { catalogue } from "../catalogue/index.ts";
import { sessionOn, setOf } from "../testing/log.ts";
import { rangeOf, sums } from "./ranges.ts";
import { recordsIn, recordsOf } from "./records.ts";
import { bodyWeightSeries, strengthSeries, volumeSeries } from "./series.ts";
import { adherenceOf, scheduleStreak, weekStreak } from "./streaks.ts";

const kg = (value: number) => ({ value, unit: "kg" }) as const;
const november = { from: "2026-11-01", to: "2026-11-30" };
const alternating: Schedule = { start: "2026-11-02", cycle: ["A", null, "B", null] };

test("volume is summed by interval, and an interval without training is 0, not missing", () => {
  const sessions = [
    sessionOn("2026-11-02", setOf("back-squat", 100, 5), setOf("back-squat", 40, 5, { warmUp: true })),
    sessionOn("2026-11-04", setOf("back-squat", 100, 5), setOf("pull-up", null, 10)),
    sessionOn("2026-11-17", setOf("gone", 100, 5), setOf("back-squat", 50, 2)),
    sessionOn("2026-12-01", setOf("back-squat", 100, 5)),
  ];
  const weights = [{ day: "2026-11-01", weight: kg(80) }];
  const weeks = volumeSeries(sessions, weights, catalogue, { range: november, interval: "week", unit: "kg" });
  expect(weeks).toEqual([
    { day: "2026-10-26", value: 0 },
    { day: "2026-11-02", value: 1_800 },
    { day: "2026-11-09", value: 0 },
    { day: "2026-11-16", value: 100 },
    { day: "2026-11-23", value: 0 },
    { day: "2026-11-30", value: 0 },
  ]);
  const [month] = volumeSeries(sessions, weights, catalogue, { range: november, interval: "month", unit: "lb" });
  expect(month?.value).toBeCloseTo(1_900 / 0.45359237, 6);
});

test("whatever the interval, the sum over a range is the same", () => {
  const values = fc.array(
    fc.record({ day: fc.nat(60).map((days) => addDays("2026-10-15", days)), value: fc.nat(1_000) }),
  );
  fc.assert(
    fc.property(values, (points) => {
      const total = points.filter(({ day }) => day >= november.from && day <= november.to);
      for (const interval of ["day", "week", "month"] as const) {
        const summed = sums(points, november, interval);
        expect(summed.reduce((sum, { value }) => sum + value, 0)).toBe(
          total.reduce((sum, { value }) => sum + value, 0),
        );
        expect(summed.map(({ day }) => day)).toEqual(summed.map(({ day }) => day).toSorted());
      }
    }),
  );
});

test("a span ends today and has its length", () => {
  expect(rangeOf("4-weeks", "2026-11-30", "2020-01-01")).toEqual({ from: "2026-11-03", to: "2026-11-30" });
  expect(rangeOf("all", "2026-11-30", "2020-01-01")).toEqual({ from: "2020-01-01", to: "2026-11-30" });
  expect(daysIn("2025-12-01", "2026-11-30")).toHaveLength(365);
});

test("body weight is shown in one unit, oldest first, only in the range", () => {
  const measured = [
    { day: "2026-11-20", weight: { value: 176.3698, unit: "lb" as const } },
    { day: "2026-11-10", weight: kg(81) },
    { day: "2026-10-10", weight: kg(83) },
  ];
  const series = bodyWeightSeries(measured, november, "kg");
  expect(series.map(({ day }) => day)).toEqual(["2026-11-10", "2026-11-20"]);
  expect(series[1]?.value).toBeCloseTo(80, 3);
});

test("5: the strength series has the best estimate of each day with its formula, and none above ten repetitions", () => {
  const sessions = [
    sessionOn("2026-11-04", setOf("bench-press", 60, 12)),
    sessionOn("2026-11-02", setOf("bench-press", 60, 8), setOf("bench-press", 65, 5)),
  ];
  const series = strengthSeries("bench-press", sessions, [], catalogue, { range: november, formula: "epley" });
  expect(series.map(({ day, value }) => [day, value.formula])).toEqual([["2026-11-02", "epley"]]);
  expect(series[0]?.value.weight.value).toBeCloseTo(76, 1);
  expect(strengthSeries("gone", sessions, [], catalogue, { range: november, formula: "epley" })).toEqual([]);
});

test("a record belongs to who came first, and only a better one breaks it", () => {
  const sessions = [
    sessionOn("2026-11-09", setOf("bench-press", 80, 5)),
    sessionOn("2026-11-02", setOf("bench-press", 80, 5), setOf("bench-press", 100, 1, { warmUp: true })),
    sessionOn("2026-11-16", setOf("bench-press", 82.5, 3), setOf("plank", null, null, { seconds: 60 })),
  ];
  const records = recordsOf(sessions, [], catalogue, "epley");
  const of = (kind: string) => records.find((each) => each.exercise === "bench-press" && each.kind === kind);
  expect(of("load")).toMatchObject({ value: kg(82.5), day: "2026-11-16" });
  expect(of("strength")).toMatchObject({ value: { formula: "epley" }, day: "2026-11-02" });
  expect(of("repetitions")).toMatchObject({ value: 5, day: "2026-11-02" });
  expect(
    recordsIn("session-2026-11-16", records)
      .map(({ kind }) => kind)
      .toSorted(),
  ).toEqual(["load", "seconds"]);
});

test("1: a record in pounds is compared as the weight that it is", () => {
  const inPounds = setOf("bench-press", null, 5, { entry: { value: 100, unit: "lb" } });
  const sessions = [sessionOn("2026-11-02", setOf("bench-press", 60, 5)), sessionOn("2026-11-04", inPounds)];
  expect(recordsOf(sessions, [], catalogue, "epley").find(({ kind }) => kind === "load")?.value).toEqual(kg(60));
});

test("2: with less help, an assisted exercise sets a record", () => {
  const sessions = [
    sessionOn("2026-11-02", setOf("assisted-pull-up", -30, 8)),
    sessionOn("2026-11-04", setOf("assisted-pull-up", -20, 8)),
  ];
  const records = recordsOf(sessions, [{ day: "2026-11-01", weight: kg(80) }], catalogue, "brzycki");
  expect(records.find(({ kind }) => kind === "load")).toMatchObject({ value: kg(60), day: "2026-11-04" });
});

test("6: rest breaks no streak, nor does today; a missed training does", () => {
  const all = plannedDays(alternating, "2026-11-02", "2026-11-14");
  expect(scheduleStreak(alternating, all, "2026-11-15")).toEqual({ current: 7, longest: 7 });
  expect(scheduleStreak(alternating, all, "2026-11-16")).toEqual({ current: 7, longest: 7 });
  expect(scheduleStreak(alternating, all, "2026-11-17")).toEqual({ current: 0, longest: 7 });
  expect(scheduleStreak(alternating, [], "2026-11-01")).toEqual({ current: 0, longest: 0 });
});

test("weeks in a row: the week that runs can only add", () => {
  const trained = ["2026-11-02", "2026-11-05", "2026-11-09", "2026-11-12", "2026-11-12", "2026-11-16"];
  expect(weekStreak(trained, 2, "2026-11-17")).toEqual({ current: 2, longest: 2 });
  expect(weekStreak([...trained, "2026-11-18"], 2, "2026-11-18")).toEqual({ current: 3, longest: 3 });
  expect(weekStreak(trained, 2, "2026-11-23")).toEqual({ current: 0, longest: 2 });
  expect(weekStreak([], 2, "2026-11-23")).toEqual({ current: 0, longest: 0 });
});

test("adherence: what was planned, what was done of it, and what came on top", () => {
  const trained = ["2026-11-02", "2026-11-03", "2026-11-04", "2026-11-04", "2026-12-20"];
  expect(adherenceOf(alternating, trained, "2026-11-02", "2026-11-09")).toEqual({
    planned: 4,
    done: 2,
    extra: 1,
    share: 0.5,
  });
  expect(adherenceOf(alternating, trained, "2026-10-01", "2026-10-09").share).toBeNull();
});

test("streaks and adherence agree: a streak of everything is a share of 1", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("A", null), { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 9, max: 90 }),
      (cycle, days) => {
        const schedule = { start: "2026-01-01", cycle };
        const today = addDays("2026-01-01", days);
        const planned = plannedDays(schedule, "2026-01-01", today);
        expect(scheduleStreak(schedule, planned, today).current).toBe(planned.length);
        expect(adherenceOf(schedule, planned, "2026-01-01", today).share).toBe(planned.length > 0 ? 1 : null);
      },
    ),
  );
});
