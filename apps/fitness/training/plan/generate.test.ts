import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { catalogue } from "../catalogue/index.ts";
import { levels } from "../model/exercise.ts";
import { equipmentSets, goals, type Profile } from "../model/profile.ts";
import { nextLoad } from "../progression/progression.ts";
import { anyProfile } from "../testing/profiles.ts";
import { say } from "../texts/say.ts";
import { loadsOf, standardRacks } from "../measure/loads.ts";
import { unitOf } from "../measure/units.ts";
import { dayLimits } from "./balance.ts";
import { bandOf, majorMuscles, mostStrengthDays, repetitionsOf } from "./bands.ts";
import { generatePlan, isBalanced, type Plan } from "./generate.ts";
import { setsPerMuscle } from "./weekly-sets.ts";

const novice: Profile = {
  goal: "gain-muscle",
  level: "novice",
  daysPerWeek: 3,
  equipment: equipmentSets.gym,
  injuries: [],
  unit: "kg",
};
const rowsOf = ({ routine }: Plan) =>
  routine.days.flatMap(({ items }) =>
    items.map((item) => {
      const exercise = catalogue.get(item.exercise);
      if (!exercise) throw new Error(`${item.exercise} is not in the catalogue.`);
      return { item, exercise };
    }),
  );
const strengthOf = (plan: Plan) => rowsOf(plan).filter(({ exercise }) => exercise.pattern !== "conditioning");

// The seed is fixed, so that everybody tries the same two hundred people.
const people = fc.sample(anyProfile, { numRuns: 200, seed: 18 });

describe("the plans of 200 people", () => {
  const plans = people.map((profile) => ({ profile, plan: generatePlan(profile, catalogue) }));

  test("need only the equipment that there is", () => {
    for (const { profile, plan } of plans)
      for (const { exercise } of rowsOf(plan))
        expect(exercise.equipment.filter((each) => !profile.equipment.includes(each))).toEqual([]);
  });

  test("have nothing that an injury speaks against, and nothing above the level", () => {
    for (const { profile, plan } of plans)
      for (const { exercise } of rowsOf(plan)) {
        expect(exercise.avoid.filter((each) => profile.injuries.includes(each))).toEqual([]);
        expect(levels.indexOf(exercise.level)).toBeLessThanOrEqual(levels.indexOf(profile.level));
      }
  });

  test("fill the days that were asked for, or say why not, and never more", () => {
    for (const { profile, plan } of plans) {
      const training = plan.routine.cycle.filter((slot) => slot !== null);
      expect(plan.routine.cycle).toHaveLength(7);
      expect(training.toSorted()).toEqual(plan.routine.days.map(({ id }) => id).toSorted());
      expect(training.length).toBeLessThanOrEqual(profile.daysPerWeek);
      if (training.length < profile.daysPerWeek) expect(plan.why.map(({ key }) => key)).toContain("plan.rest");
      const strength = plan.routine.days.filter(({ id }) => !id.startsWith("conditioning"));
      expect(strength).toHaveLength(Math.min(profile.daysPerWeek, mostStrengthDays[profile.level]));
    }
  });

  test("have days that are neither empty nor endless, and no exercise twice on one", () => {
    for (const { plan } of plans)
      for (const { items } of plan.routine.days) {
        const ids = items.map(({ exercise }) => exercise);
        expect(new Set(ids).size).toBe(ids.length);
        const strength = items.filter(({ exercise }) => catalogue.get(exercise)?.pattern !== "conditioning");
        expect(ids.length).toBeGreaterThan(0);
        expect(strength.length).toBeLessThanOrEqual(dayLimits.items);
        expect(strength.reduce((sum, { sets }) => sum + sets, 0)).toBeLessThanOrEqual(dayLimits.sets);
        for (const { sets } of items) expect(sets).toBeGreaterThanOrEqual(1);
        for (const { sets } of items) expect(sets).toBeLessThanOrEqual(dayLimits.setsOfOne);
      }
  });

  test("4: keep each muscle in its band, or warn of each that lies outside", () => {
    for (const { profile, plan } of plans) {
      const sets = setsPerMuscle(
        rowsOf(plan).map(({ item }) => item),
        catalogue,
      );
      const outside = plan.muscles.filter(({ muscle, sets: said, place }) => {
        expect(said).toBe(sets[muscle]);
        const { low, high } = bandOf(muscle, profile);
        expect(place).toBe(said < low ? "below" : said > high ? "above" : "within");
        return place !== "within";
      });
      const warned = plan.warnings.filter(({ key }) => key !== "warning.injuries");
      expect(warned.map(({ values }) => values["muscles"])).toEqual(
        outside.map(({ muscle }) => [{ kind: "muscle", id: muscle }]),
      );
      if (profile.daysPerWeek > 1 && profile.injuries.length === 0) expect(outside).toEqual([]);
      // Too much is never forced on anybody.
      expect(outside.filter(({ place }) => place === "above")).toEqual([]);
    }
  });

  test("can be progressed: each repetition target has a range, and each weight a next step", () => {
    for (const { profile, plan } of plans)
      for (const { item, exercise } of strengthOf(plan)) {
        expect(item.target.low).toBeLessThan(item.target.high);
        if (item.target.kind !== "repetitions" || exercise.load !== "weighted") continue;
        const unit = unitOf(exercise, { unit: profile.unit, exercises: {} });
        const loads = loadsOf(exercise, standardRacks[profile.unit], unit);
        const entry = { value: loads[Math.floor(loads.length / 2)] ?? 0, unit };
        const { low, high } = item.target;
        const history = [Array.from({ length: item.sets }, () => ({ entry, repetitions: 30 }))];
        const next = nextLoad({ history, sets: item.sets, low, high, loads, unit, body: 0 });
        expect({ id: exercise.id, change: next.change }).toEqual({ id: exercise.id, change: "up" });
      }
  });

  test("10: say in a sentence for each exercise why it is there, in both languages", () => {
    for (const { plan } of plans)
      for (const { item, exercise } of rowsOf(plan)) {
        expect(item.why.length).toBeGreaterThan(0);
        for (const language of ["en", "es"] as const) {
          const [sentence = ""] = item.why.map((each) => say(each, language, catalogue));
          expect(sentence).toContain(exercise[language].name);
          expect(sentence).toMatch(/^\p{Lu}.*\.$/u);
        }
      }
  });

  test("10: name the exercise that an injury ruled out, truthfully", () => {
    const said = plans.flatMap(({ profile, plan }) =>
      rowsOf(plan).flatMap(({ item }) =>
        item.why.filter(({ key }) => key === "why.injury").map(({ values }) => ({ profile, values })),
      ),
    );
    expect(said.length).toBeGreaterThan(100);
    for (const { profile, values } of said) {
      const other = values["other"] as { id: string };
      const named = (values["injuries"] as readonly { id: string }[]).map(({ id }) => id);
      expect(catalogue.get(other.id)?.avoid.filter((each) => profile.injuries.includes(each))).toEqual(named);
    }
  });

  test("are the same for the same input, and for equipment and injuries in another order", () => {
    for (const { profile, plan } of plans) {
      const other: Profile = {
        ...structuredClone(profile),
        equipment: profile.equipment.toReversed(),
        injuries: profile.injuries.toReversed(),
      };
      const { routine, muscles } = generatePlan(other, catalogue);
      expect(generatePlan(structuredClone(profile), catalogue)).toEqual(plan);
      expect(routine.cycle).toEqual(plan.routine.cycle);
      expect(muscles).toEqual(plan.muscles);
    }
  });
});

test("4: a novice trains strength on two to three days with 8 to 12 repetitions, whatever the goal and the wish", () => {
  for (const goal of goals)
    for (const daysPerWeek of [2, 3, 4, 5, 6, 7]) {
      const plan = generatePlan({ ...novice, goal, daysPerWeek }, catalogue);
      const days = plan.routine.days.filter(({ id }) => !id.startsWith("conditioning"));
      expect(days.length).toBe(Math.min(3, daysPerWeek));
      for (const { item } of strengthOf(plan))
        if (item.target.kind === "repetitions") expect(item.target).toMatchObject({ low: 8, high: 12 });
    }
});

test("4: an indirect set counts half", () => {
  expect(setsPerMuscle([{ exercise: "back-squat", sets: 3 }], catalogue)).toMatchObject({
    quadriceps: 3,
    glutes: 3,
    "lower-back": 1.5,
    chest: 0,
  });
});

test("4: one day a week cannot hold enough for muscle growth, and says so", () => {
  const plan = generatePlan({ ...novice, level: "advanced", daysPerWeek: 1 }, catalogue);
  expect(isBalanced(plan)).toBe(false);
  expect(plan.warnings.map(({ key }) => key)).toContain("warning.below");
});

test("every usual set of equipment reaches every band on two days or more, at every level and for every goal", () => {
  for (const equipment of Object.values(equipmentSets))
    for (const level of levels)
      for (const goal of goals)
        for (const daysPerWeek of [2, 4, 6]) {
          const plan = generatePlan({ ...novice, goal, level, daysPerWeek, equipment }, catalogue);
          expect(plan.warnings.map((each) => say(each, "en", catalogue))).toEqual([]);
        }
});

test("a muscle that nothing can train is called that", () => {
  const small = new Map([...catalogue].filter(([, row]) => !row.primary.includes("chest")));
  const plan = generatePlan(novice, small);
  const warning = plan.warnings.find(({ key }) => key === "warning.impossible");
  expect(warning && say(warning, "en", small)).toMatch(/^Chest: .* no exercise that trains them suits/);
});

test("repetitions and bands differ by goal and level, and a band is never empty", () => {
  for (const level of levels)
    for (const goal of goals) {
      for (const muscle of majorMuscles) expect(bandOf(muscle, { goal, level }).low).toBeGreaterThanOrEqual(4);
      expect(repetitionsOf({ goal, level }).low).toBeLessThan(repetitionsOf({ goal, level }).high);
    }
  expect(bandOf("calves", novice)).toEqual({ low: 0, high: bandOf("chest", novice).high });
});

test.each([0, 8, 2.5, NaN])("%d days a week is refused with what is possible", (daysPerWeek) => {
  expect(() => generatePlan({ ...novice, daysPerWeek }, catalogue)).toThrow("Choose 1 to 7.");
});
