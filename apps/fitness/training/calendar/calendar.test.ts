import fc from "fast-check";
import { expect, test } from "vitest";
import { addDays, dayAt, dayNumber, daysBetween, daysIn, monthOf, weekOf } from "./days.ts";
import { nextTraining, plannedDays, postpone, type Schedule, slotOn } from "./schedule.ts";

const anyDay = fc.integer({ min: -20_000, max: 40_000 }).map((number) => addDays("1970-01-01", number));
const alternating: Schedule = { start: "2026-11-02", cycle: ["A", null, "B", null] };

test("6: A – rest – B – rest loops over days, not weeks", () => {
  // 2 November 2026 is a Monday.
  expect(daysIn("2026-11-02", "2026-11-10").map((day) => slotOn(alternating, day))).toEqual([
    "A",
    null,
    "B",
    null,
    "A",
    null,
    "B",
    null,
    "A",
  ]);
  const mondays = [0, 7, 14, 21].map((days) => slotOn(alternating, addDays("2026-11-02", days)));
  expect(mondays).toEqual(["A", null, "B", null]);
});

test("6: any cycle comes again after its own length, across months, years and leap days", () => {
  const cycle = fc.array(fc.constantFrom("A", "B", "C", null), { minLength: 1, maxLength: 14 });
  fc.assert(
    fc.property(anyDay, cycle, fc.nat(2_000), (start, slots, passed) => {
      const schedule = { start, cycle: slots };
      expect(slotOn(schedule, addDays(start, passed))).toBe(slots[passed % slots.length]);
      expect(slotOn(schedule, addDays(start, passed + slots.length))).toBe(slotOn(schedule, addDays(start, passed)));
    }),
  );
});

test("before its start a schedule has nothing, and an empty one never has", () => {
  expect(slotOn(alternating, "2026-11-01")).toBeUndefined();
  expect(slotOn({ start: "2026-11-02", cycle: [] }, "2026-11-02")).toBeUndefined();
  expect(plannedDays(alternating, "2026-10-01", "2026-11-06")).toEqual(["2026-11-02", "2026-11-04", "2026-11-06"]);
});

test("the next training is found from any day on", () => {
  expect(nextTraining(alternating, "2026-11-03")).toEqual({ day: "2026-11-04", training: "B" });
  expect(nextTraining(alternating, "2026-01-01")).toEqual({ day: "2026-11-02", training: "A" });
  expect(nextTraining({ start: "2026-11-02", cycle: [null] }, "2026-11-02")).toBeUndefined();
});

test("what is postponed comes so many days later, and the rest after it", () => {
  const later = postpone(alternating, "2026-11-04", 1);
  expect(daysIn("2026-11-05", "2026-11-08").map((day) => slotOn(later, day))).toEqual(["B", null, "A", null]);
});

test("days are counted across leap years and changes of the clock", () => {
  expect(daysBetween("2028-02-28", "2028-03-01")).toBe(2);
  expect(daysBetween("2026-03-28", "2026-03-30")).toBe(2);
  fc.assert(
    fc.property(anyDay, fc.integer({ min: -5_000, max: 5_000 }), (day, count) => {
      expect(daysBetween(day, addDays(day, count))).toBe(count);
    }),
  );
});

test("a week starts on Monday and a month on its first", () => {
  expect(["2026-11-30", "2026-12-06", "2026-12-07"].map(weekOf)).toEqual(["2026-11-30", "2026-11-30", "2026-12-07"]);
  expect(weekOf("1969-12-31")).toBe("1969-12-29");
  expect(monthOf("2026-11-30")).toBe("2026-11-01");
});

test.each(["2026-02-30", "2026-13-01", "26-01-01", "2026-1-1", ""])("%j is not a day, and says so", (text) => {
  expect(() => dayNumber(text)).toThrow("YYYY-MM-DD");
});

test("7: one instant is another day in another zone", () => {
  expect(dayAt("2026-12-01T03:30:00Z", "America/Bogota")).toBe("2026-11-30");
  expect(dayAt("2026-12-01T03:30:00Z", "Europe/Madrid")).toBe("2026-12-01");
  expect(() => dayAt("2026-12-01T03:30:00Z", "Nowhere/Town")).toThrow(RangeError);
});
