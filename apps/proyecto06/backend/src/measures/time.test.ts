import { expect, test } from "vitest";
import { measuresQuerySchema } from "./schemas.ts";
import { measuredTime, startOf } from "./time.ts";

const now = new Date("2026-03-11T15:00:00Z");
const time = (query: Record<string, string>) => {
  const { from, to, starts } = measuredTime(measuresQuerySchema.parse(query), now);
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    starts: starts.map((start) => start.toISOString().slice(0, 10)),
  };
};

test("weeks begin on Monday, months on their first day, in UTC", () => {
  expect(startOf("week", new Date("2026-03-08T23:59:59Z")).toISOString()).toBe("2026-03-02T00:00:00.000Z");
  expect(startOf("week", new Date("2026-03-09T00:00:00Z")).toISOString()).toBe("2026-03-09T00:00:00.000Z");
  expect(startOf("month", new Date("2026-03-31T23:59:59Z")).toISOString()).toBe("2026-03-01T00:00:00.000Z");
});

test("a time is whole days, and its intervals are those that it touches", () => {
  expect(time({ interval: "week", from: "2026-02-25T12:00:00Z", to: "2026-03-09T00:00:00Z" })).toEqual({
    from: "2026-02-25T00:00:00.000Z",
    to: "2026-03-09T00:00:00.000Z",
    starts: ["2026-02-23", "2026-03-02"],
  });
  expect(time({ interval: "day", from: "2026-03-08T01:00:00+02:00", to: "2026-03-09T00:00:01Z" }).starts).toEqual([
    "2026-03-07",
    "2026-03-08",
    "2026-03-09",
  ]);
});

test("without a time it is a while up to the end of today", () => {
  expect(time({ interval: "day" })).toMatchObject({ to: "2026-03-12T00:00:00.000Z", starts: { length: 30 } });
  expect(time({})).toMatchObject({ from: "2025-09-08T00:00:00.000Z", starts: { length: 27 } });
  expect(time({ interval: "month" })).toMatchObject({ from: "2025-03-01T00:00:00.000Z", starts: { length: 13 } });
});

test("a time that ends before it begins, or is too long for its intervals, is refused", () => {
  expect(() => time({ from: "2026-03-09T00:00:00Z", to: "2026-03-09T00:00:00Z" })).toThrow("ends before it begins");
  expect(() => time({ interval: "day", from: "1990-01-01T00:00:00Z" })).toThrow("More than 1000 intervals");
});
