import { expect, test } from "vitest";
import { catalogue } from "../catalogue/index.ts";
import { equipment, injuries, levels, muscles, patterns } from "../model/exercise.ts";
import { equipmentSets, goals } from "../model/profile.ts";
import { message } from "../model/message.ts";
import { en, type MessageKey } from "./en.ts";
import { es } from "./es.ts";
import {
  equipmentSetTexts,
  equipmentTexts,
  goalTexts,
  injuryTexts,
  levelTexts,
  muscleTexts,
  patternTexts,
} from "./names.ts";
import { say, sayAmount, sayWeight } from "./say.ts";

const places = (text: string) => [...text.matchAll(/\{(\w+)/g)].map(([, place]) => place).toSorted();
const plain = (text: string) => text.replaceAll("\u00a0", " ");

test("every sentence is there in both languages, with the same places, and they differ", () => {
  expect(Object.keys(es)).toEqual(Object.keys(en));
  for (const key of Object.keys(en) as MessageKey[]) {
    expect({ key, places: places(es[key]) }).toEqual({ key, places: places(en[key]) });
    expect(es[key]).not.toBe(en[key]);
  }
});

test("everything that is named has a name in both languages, and no two of a kind share one", () => {
  const lists = [
    [muscles, muscleTexts],
    [equipment, equipmentTexts],
    [injuries, injuryTexts],
    [levels, levelTexts],
    [goals, goalTexts],
    [patterns, patternTexts],
    [Object.keys(equipmentSets), equipmentSetTexts],
  ] as const;
  for (const [ids, texts] of lists) {
    expect(Object.keys(texts).toSorted()).toEqual([...ids].toSorted());
    for (const language of ["en", "es"] as const)
      expect(new Set(Object.values(texts).map((each) => each[language])).size).toBe(ids.length);
  }
});

test("11: a weight, a time and a distance never lack their unit, and are written as the language does", () => {
  expect(plain(sayWeight({ value: 42.5, unit: "kg" }, "es"))).toBe("42,5 kg");
  expect(plain(sayWeight({ value: -20, unit: "kg" }, "en"))).toBe("−20 kg");
  expect(plain(sayAmount({ amount: 45, of: "seconds" }, "es"))).toBe("45 segundos");
  expect(plain(sayAmount({ amount: 1_200, of: "seconds" }, "en"))).toBe("20 minutes");
  expect(plain(sayAmount({ amount: 3_000, of: "metres" }, "en"))).toBe("3 kilometres");
  const list = message("warning.injuries", {
    injuries: [
      { kind: "injury", id: "knee" },
      { kind: "injury", id: "hip" },
    ],
  });
  expect(say(list, "es", catalogue)).toContain("la rodilla y la cadera.");
});

test("one and many differ", () => {
  const days = (count: number) => say(message("plan.conditioning", { days: count }), "es", catalogue);
  expect(days(1)).toBe("1 día más es para el corazón y los pulmones.");
  expect(days(2)).toBe("2 días más son para el corazón y los pulmones.");
});

test("a message without one of its values fails and names it; an exercise that is gone is called by its id", () => {
  expect(() => say(message("plan.rest"), "en", catalogue)).toThrow('The message plan.rest lacks "days".');
  const gone = message("why.injury", { other: { kind: "exercise", id: "gone" }, injuries: [] });
  expect(say(gone, "en", catalogue)).toContain("gone");
});
