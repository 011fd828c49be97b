import { expect, test } from "vitest";
import { addDays } from "../calendar/days.ts";
import { catalogue } from "../catalogue/index.ts";
import { standardRacks } from "../measure/loads.ts";
import { reps, hold } from "../routines/build.ts";
import { sessionOn, setOf } from "../testing/log.ts";
import { say } from "../texts/say.ts";
import { deloadEntry, deloadSets, deloadWeeks, isDeload } from "./deload.ts";
import { type TodayInput, workoutOn } from "./today.ts";

const squats = (day: string, weight: number, repetitions: number) =>
  sessionOn(day, ...[1, 2, 3].map(() => setOf("back-squat", weight, repetitions)));

const today = (more: Partial<TodayInput> = {}) =>
  workoutOn({
    training: { id: "A", items: [reps("back-squat", 3, 8, 12), hold("plank", 2, 20, 40)] },
    day: "2026-11-30",
    catalogue,
    sessions: [],
    bodyWeights: [],
    units: { unit: "kg", exercises: {} },
    rack: standardRacks.kg,
    isEasy: () => false,
    ...more,
  });

test("10: each exercise says why this weight today, in both languages", () => {
  const [squat, plank] = today({ sessions: [squats("2026-11-27", 60, 12)] });
  const said = (language: "en" | "es") =>
    squat?.today.map((each) => say(each, language, catalogue).replaceAll("\u00a0", " "));
  expect(squat?.entry).toEqual({ value: 62.5, unit: "kg" });
  expect(said("en")).toEqual(["Up from 60 kg to 62.5 kg: you did 12 repetitions in all 3 sets."]);
  expect(said("es")).toEqual(["Sube de 60 kg a 62,5 kg: hiciste 12 repeticiones en 3 series."]);
  expect(plank?.today.map((each) => say(each, "en", catalogue))).toEqual(["First time: 20 seconds."]);
});

test("the last session with the exercise counts, whatever order they come in; warm-ups and a running one do not", () => {
  const older = squats("2026-11-20", 50, 12);
  const newer = sessionOn(
    "2026-11-27",
    setOf("back-squat", 20, 12, { warmUp: true }),
    ...squats("2026-11-27", 60, 9).sets,
  );
  const running = { ...squats("2026-11-30", 90, 12), finishedAt: null };
  const [squat] = today({ sessions: [newer, running, older] });
  expect(squat?.entry?.value).toBe(60);
  expect(squat?.previous).toHaveLength(3);
});

test("an exercise that the catalogue lacks is left out", () => {
  expect(today({ training: { id: "A", items: [reps("gone", 3, 8, 12)] } })).toEqual([]);
});

test("2: an assisted exercise steps by what is lifted on that day", () => {
  const sets = [1, 2, 3].map(() => setOf("assisted-pull-up", -20, 12));
  const [item] = today({
    training: { id: "A", items: [reps("assisted-pull-up", 3, 8, 12)] },
    sessions: [sessionOn("2026-11-27", ...sets)],
    bodyWeights: [{ day: "2026-11-01", weight: { value: 80, unit: "kg" } }],
  });
  // 60 kg lifted: the stack has −17.5 kg, which is 4 % more.
  expect(item?.entry).toEqual({ value: -17.5, unit: "kg" });
});

test("10: an easy week halves the sets, takes a tenth off and says so", () => {
  const [squat, plank] = today({ sessions: [squats("2026-11-20", 100, 10)], isEasy: (day) => day > "2026-11-23" });
  expect(squat).toMatchObject({ sets: 2, entry: { value: 90, unit: "kg" } });
  expect(squat?.today.map((each) => say(each, "en", catalogue).replaceAll("\u00a0", " "))).toEqual([
    "An easy week, so that you recover: 2 sets with 90 kg. Next week goes on from where you were.",
  ]);
  expect(plank?.today.map(({ key }) => key)).toEqual(["amount.start", "today.easy"]);
});

test("after an easy week the load goes on from before it", () => {
  const easy = sessionOn("2026-11-25", setOf("back-squat", 90, 8), setOf("back-squat", 90, 8));
  const sessions = [squats("2026-11-20", 100, 12), easy];
  const [squat] = today({ sessions, isEasy: (day) => day > "2026-11-22" && day < "2026-11-30" });
  expect(squat).toMatchObject({ entry: { value: 102.5, unit: "kg" }, previous: easy.sets });
});

test("a deload comes in the last week of each round, by the calendar of the plan", () => {
  for (const [level, weeks] of Object.entries(deloadWeeks) as [keyof typeof deloadWeeks, number][]) {
    const found = Array.from({ length: 3 * weeks }, (_, week) => week).filter((week) =>
      isDeload(level, "2026-01-05", addDays("2026-01-05", 7 * week + 3)),
    );
    expect(found).toEqual([weeks - 1, 2 * weeks - 1, 3 * weeks - 1]);
  }
  expect(isDeload("novice", "2026-01-05", "2025-12-31")).toBe(false);
});

test("a deload never asks for more than before, and keeps at least one set", () => {
  expect([1, 2, 3, 4, 5].map(deloadSets)).toEqual([1, 1, 2, 2, 3]);
  expect(deloadEntry(-20, 80, [-30, -25, -20, -15])).toBe(-25);
  expect(deloadEntry(4, 0, [4, 6])).toBe(4);
});
