import fc from "fast-check";
import { expect, test } from "vitest";
import { catalogue } from "../catalogue/index.ts";
import { sessionOn, setOf } from "../testing/log.ts";
import { sessionsCsv } from "./csv.ts";
import {
  finishSession,
  logSet,
  removeSet,
  restLeft,
  resumeSession,
  secondsOf,
  startSession,
  trainedDays,
} from "./session.ts";

const started = startSession("s1", { id: "r1", day: "A" }, "2026-11-30T22:50:00Z", "Europe/Madrid");

test("7: a running workout is plain data: what is stored in the middle of a set comes back equal", () => {
  const session = logSet(started, setOf("assisted-pull-up", -20, 8));
  expect(JSON.parse(JSON.stringify(session))).toEqual(session);
});

test("7: midnight and a change of zone change neither its day nor its time", () => {
  expect(started.day).toBe("2026-11-30");
  const late = logSet(started, setOf("back-squat", 60, 8, { at: "2026-11-30T23:20:00Z" }));
  const finished = finishSession(late, "2026-11-30T23:50:00Z");
  expect(finished.day).toBe("2026-11-30");
  expect(secondsOf(finished, "2026-12-05T00:00:00Z")).toBe(3_600);
  expect(startSession("s2", null, "2026-11-30T23:10:00Z", "Europe/Madrid").day).toBe("2026-12-01");
});

test("7: a finished workout can be resumed, with its sets, and finished again; a second finish changes nothing", () => {
  const finished = finishSession(logSet(started, setOf("plank", null, null, { seconds: 30 })), "2026-11-30T23:00:00Z");
  expect(finishSession(finished, "2026-11-30T23:30:00Z")).toEqual(finished);
  const resumed = resumeSession(finished);
  expect(resumed).toEqual({ ...finished, finishedAt: null });
  expect(finishSession(resumed, "2026-11-30T23:30:00Z").finishedAt).toBe("2026-11-30T23:30:00Z");
});

test("8: a set that is sent again is logged once, in its place, with what it says last", () => {
  const one = setOf("back-squat", 60, 8);
  const two = setOf("back-squat", 60, 7);
  const session = [one, two, one, { ...one, repetitions: 9 }].reduce(logSet, started);
  expect(session.sets).toEqual([{ ...one, repetitions: 9 }, two]);
  expect(removeSet(session, two.id).sets).toHaveLength(1);
});

test("8: however often and from wherever each set is repeated, the log has each once, in the order of its first time", () => {
  const sets = Array.from({ length: 6 }, () => setOf("back-squat", 60, 8));
  fc.assert(
    fc.property(fc.array(fc.nat(5), { minLength: 1 }), (order) => {
      const sent = order.flatMap((at) => sets[at] ?? []);
      expect(sent.reduce(logSet, started).sets).toEqual([...new Set(sent)]);
    }),
  );
});

test("the rest is counted from the last set and ends at 0", () => {
  expect(restLeft(started, 90, "2026-11-30T23:00:00Z")).toBeNull();
  const session = logSet(started, setOf("back-squat", 60, 8, { at: "2026-11-30T23:00:00Z" }));
  expect(restLeft(session, 90, "2026-11-30T23:00:30Z")).toBe(60);
  expect(restLeft(session, 90, "2026-11-30T23:05:00Z")).toBe(0);
});

test("only finished sessions with a set make a day of training", () => {
  const done = sessionOn("2026-11-04", setOf("plank", null, null, { seconds: 30 }));
  expect(trainedDays([done, done, sessionOn("2026-11-05"), started])).toEqual(["2026-11-04"]);
});

test("the CSV has a row for each set, in the language of the person", () => {
  const session = sessionOn(
    "2026-11-04",
    setOf("assisted-pull-up", -20, 8),
    setOf("plank", null, null, { seconds: 30 }),
  );
  const [header, first = "", second = "", end] = sessionsCsv([session], catalogue, "es").split("\r\n");
  expect(header).toMatch(/^session,day,started_at/);
  expect(first).toContain("assisted-pull-up,Dominada asistida en máquina,1,2026-11-02T18:00:00Z,-20,kg,8,,,no");
  expect(second).toContain("plank,Plancha,2,2026-11-02T18:00:00Z,,,,30,,no");
  expect(end).toBe("");
});

test("the CSV quotes what needs it, and no text of a person becomes a formula", () => {
  const own = new Map(
    [...catalogue].map(([id, row]) => [id, { ...row, en: { ...row.en, name: '=HYPERLINK("x"),1' } }]),
  );
  expect(sessionsCsv([sessionOn("2026-11-04", setOf("plank", 1, 1))], own, "en")).toContain(`,"'=HYPERLINK(""x""),1",`);
});
