import fc from "fast-check";
import { expect, test } from "vitest";
import { addDays } from "../calendar/days.ts";
import { catalogue } from "../catalogue/index.ts";
import { generatePlan } from "../plan/generate.ts";
import { predefinedRoutines } from "../routines/index.ts";
import { sessionOn, setOf } from "../testing/log.ts";
import { anyProfile } from "../testing/profiles.ts";
import { type ExportFile, exportText, importInto, type PersonalData, toExport } from "./transfer.ts";

const empty: PersonalData = {
  profile: null,
  units: { unit: "kg", exercises: {} },
  exercises: [],
  routines: [],
  programmes: [],
  sessions: [],
  bodyWeights: [],
};
const weight = fc.record({ value: fc.integer({ min: -40, max: 300 }), unit: fc.constantFrom("kg", "lb") });
const anyData: fc.Arbitrary<PersonalData> = fc
  .record({
    profile: anyProfile,
    own: fc.boolean(),
    days: fc.uniqueArray(fc.nat(900), { maxLength: 8 }),
    weights: fc.array(weight, { minLength: 8, maxLength: 8 }),
    unit: fc.constantFrom("kg", "lb"),
  })
  .map(({ profile, own, days, weights, unit }) => {
    const routine = { ...generatePlan(profile, catalogue).routine, id: "plan", name: "My plan" };
    const dates = days.map((each) => addDays("2024-01-01", each));
    const [row] = catalogue.values();
    return {
      profile,
      units: { unit, exercises: { "back-squat": "lb" } },
      exercises: own && row ? [{ ...row, id: "mine", author: "me", bodyShare: 0.5 }] : [],
      routines: [routine],
      programmes: [{ id: "p", routine: "plan", schedule: { start: "2026-11-02", cycle: routine.cycle } }],
      sessions: dates.map((day, at) =>
        sessionOn(day, setOf("assisted-pull-up", null, 8, { entry: weights[at] ?? null, id: `set-${day}` })),
      ),
      bodyWeights: dates.map((day, at) => ({ day, weight: { value: 80 + at, unit } })),
    };
  });
const sent = (data: PersonalData) => JSON.parse(exportText(data)) as ExportFile;

test("9: an export, imported into a new account, exports the same text: programmes, units and own exercises included", () => {
  fc.assert(
    fc.property(anyData, (data) => {
      const { data: other, skipped } = importInto(empty, sent(data));
      expect(skipped).toEqual([]);
      expect(exportText(other)).toBe(exportText(data));
      for (const list of ["exercises", "routines", "programmes", "sessions", "bodyWeights"] as const)
        expect(other[list]).toEqual(expect.arrayContaining([...data[list]]));
      expect([other.profile, other.units]).toEqual([data.profile, data.units]);
    }),
    { numRuns: 40 },
  );
});

test("9: the same import twice adds nothing the second time, and says what it skipped", () => {
  fc.assert(
    fc.property(anyData, (data) => {
      const once = importInto(empty, sent(data));
      const twice = importInto(once.data, sent(data));
      expect(twice.added).toBe(0);
      expect(exportText(twice.data)).toBe(exportText(once.data));
      expect(twice.skipped.every(({ why }) => why === "same")).toBe(true);
      // All that was added, and the units, which are always there.
      expect(twice.skipped).toHaveLength(once.added + 1);
    }),
    { numRuns: 40 },
  );
});

test("9: what is there already is never changed; what differs is said", () => {
  const session = sessionOn("2026-11-04", setOf("back-squat", 60, 8));
  const here = {
    ...empty,
    sessions: [session],
    bodyWeights: [{ day: "2026-11-04", weight: { value: 80, unit: "kg" as const } }],
  };
  const there = toExport({
    ...here,
    sessions: [{ ...session, sets: [] }, sessionOn("2026-11-05")],
    bodyWeights: [{ day: "2026-11-04", weight: { value: 81, unit: "kg" } }],
  });
  const { data, added, skipped } = importInto(here, there);
  expect(added).toBe(1);
  expect(data.sessions.find(({ id }) => id === session.id)).toEqual(session);
  expect(data.bodyWeights).toEqual(here.bodyWeights);
  expect(skipped).toEqual([
    { what: "sessions", id: session.id, why: "different" },
    { what: "bodyWeights", id: "2026-11-04", why: "different" },
  ]);
});

test("9: the order in which data came in does not show in an export", () => {
  const sessions = ["2026-11-04", "2026-11-02", "2026-11-03"].map((day) => sessionOn(day));
  const routines = predefinedRoutines.map((each) => ({ ...each, name: each.name.en }));
  const turned = { ...empty, sessions: sessions.toReversed(), routines: routines.toReversed() };
  expect(exportText(turned)).toBe(exportText({ ...empty, sessions, routines }));
});
