import type { RunStage } from "@slipway/contract";
import { expect, test } from "vitest";
import { leadTime } from "./lead-time";
import { timelineOf } from "./timeline";

const start = Date.parse("2026-03-01T10:00:00.000Z");
const iso = (seconds: number) => new Date(start + seconds * 1_000).toISOString();
const stage = (from: number | null, to: number | null): RunStage => ({
  stage: "build",
  detail: "",
  outcome: "running",
  failure: null,
  startedAt: from === null ? null : iso(from),
  finishedAt: to === null ? null : iso(to),
});

test("bars are shares of the whole run", () => {
  const { bars, ticks } = timelineOf([stage(0, 25), stage(25, 100)], { startedAt: iso(0), finishedAt: iso(100) }, 0);
  expect(bars.map(({ place, seconds }) => ({ place, seconds }))).toEqual([
    { place: { start: 0, length: 0.25 }, seconds: 25 },
    { place: { start: 0.25, length: 0.75 }, seconds: 75 },
  ]);
  expect(ticks.map(({ seconds }) => seconds)).toEqual([0, 30, 60, 90]);
});

test("a running stage lasts until now, one that has not begun has no bar", () => {
  const run = { startedAt: iso(0), finishedAt: null };
  const { bars } = timelineOf([stage(10, null), stage(null, null)], run, start + 40_000);
  expect(bars[0]).toMatchObject({ place: { start: 0.25, length: 0.75 }, seconds: 30 });
  expect(bars[1]).toMatchObject({ place: null, seconds: null });
});

test("clocks that disagree make no bar of less than nothing, and none that sticks out", () => {
  const run = { startedAt: iso(5), finishedAt: iso(20) };
  const { bars } = timelineOf([stage(0, 10), stage(12, 11), stage(15, 30)], run, 0);
  for (const { place } of bars) {
    expect(place?.start).toBeGreaterThanOrEqual(0);
    expect(place?.length).toBeGreaterThanOrEqual(0);
    expect((place?.start ?? 0) + (place?.length ?? 0)).toBeLessThanOrEqual(1);
  }
});

test("a run that has only just begun is not divided by nothing", () => {
  const { bars, ticks } = timelineOf([stage(0, null)], { startedAt: iso(0), finishedAt: null }, start);
  expect(bars[0]?.place).toEqual({ start: 0, length: 1 });
  expect(ticks.every(({ at }) => Number.isFinite(at))).toBe(true);
});

test.each([1, 7, 59, 61, 600, 4_000, 90_000, 900_000])(
  "%d seconds have at most five marks after the zero",
  (seconds) => {
    const { ticks } = timelineOf([], { startedAt: iso(0), finishedAt: iso(seconds) }, 0);
    expect(ticks.length).toBeGreaterThan(1);
    expect(ticks.length).toBeLessThanOrEqual(6);
    expect(ticks.at(-1)?.at).toBeLessThanOrEqual(1);
  },
);

test("the lead time is from the commit to the proof", () => {
  expect(leadTime({ committedAt: iso(0), provenAt: iso(252) })).toBe(252);
  expect(leadTime({ committedAt: iso(0), provenAt: null })).toBeNull();
  expect(leadTime({ committedAt: null, provenAt: iso(1) })).toBeNull();
});
