import type { RunStage } from "@slipway/contract";

/** A stage as a bar: where it begins and how long it is, as shares (0 to 1) of the whole time. */
export interface Bar {
  stage: RunStage;
  /** Null while the stage has not begun. */
  place: { start: number; length: number } | null;
  /** Seconds; null while it has not begun. */
  seconds: number | null;
}

/** A mark on the time axis. */
export interface Tick {
  /** Share of the whole time. */
  at: number;
  /** Seconds since the run began. */
  seconds: number;
}

/** The stages of a run over time. */
export interface Timeline {
  bars: Bar[];
  ticks: Tick[];
}

/** Distances between marks that a person can read, in seconds. */
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400];

/**
 * Lays out the stages of a run.
 *
 * @param run when it began and ended; one without an end lasts until `now`
 * @param now milliseconds since 1970
 */
export function timelineOf(
  stages: readonly RunStage[],
  run: { startedAt: string; finishedAt: string | null },
  now: number,
): Timeline {
  const times = stages.flatMap(({ startedAt, finishedAt }) => [startedAt, finishedAt]).filter((at) => at !== null);
  const known = [run.startedAt, ...times, ...(run.finishedAt ? [run.finishedAt] : [])].map((at) => Date.parse(at));
  const start = Math.min(...known);
  // At least a second, so that nothing is divided by zero.
  const end = Math.max(start + 1_000, ...known, ...(run.finishedAt ? [] : [now]));
  const whole = end - start;
  const bars = stages.map((stage): Bar => {
    if (stage.startedAt === null) return { stage, place: null, seconds: null };
    const from = Date.parse(stage.startedAt);
    const to = Math.max(from, stage.finishedAt ? Date.parse(stage.finishedAt) : end);
    return {
      stage,
      place: { start: (from - start) / whole, length: (to - from) / whole },
      seconds: (to - from) / 1_000,
    };
  });
  return { bars, ticks: ticksOf(whole / 1_000) };
}

/** At most five marks after the zero, at round distances. */
function ticksOf(seconds: number): Tick[] {
  const step = steps.find((each) => seconds / each <= 5) ?? Math.ceil(seconds / 5 / 86_400) * 86_400;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => ({
    at: (index * step) / seconds,
    seconds: index * step,
  }));
}
