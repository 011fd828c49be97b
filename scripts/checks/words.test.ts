import { expect, test } from "vitest";
import { findUnusedWords, unusedWords } from "./words.ts";

test("a word is found with its line and what to write, also across the lines of a comment", () => {
  const text = '/**\n * Refuses a cursor that is\n * none.\n */\nthrow new Error("Mend the YAML.");\n';
  expect(findUnusedWords(text)).toEqual([
    '2: "is none"; write: is not one; or say what is wrong with it: invalid, missing',
    '5: "Mend"; write: fix, repair, correct',
  ]);
});

test("a message that lists what is allowed says so", () => {
  expect(findUnusedWords('next: "It may be a month.", and: `It may be ${names}`')).toHaveLength(2);
});

test.each([
  "There is none.",
  "It may be there.",
  "a recommendation",
  "of course",
  "There is no error.",
  "Besides, it is besides the point.",
])("%j has no such word", (text) => {
  expect(findUnusedWords(text)).toEqual([]);
});

test("every entry says what to write", () => {
  expect(Object.values(unusedWords).filter((instead) => instead.trim() === "")).toEqual([]);
});
