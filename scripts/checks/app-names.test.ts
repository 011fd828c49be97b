import { expect, test } from "vitest";
import { findAppNames } from "./app-names.ts";

test.each([
  ['open("apps/notes/api")', ["1: notes"]],
  ["first\nimages: [notes-api]", ["2: notes"]],
  ["`notes`", ["1: notes"]],
  ["footnotes, notes_of, my-notes", []],
])("%j names %j", (text, found) => {
  expect(findAppNames(text, ["notes", "todo"])).toEqual(found);
});

test("where there is no app, no name is found", () => {
  expect(findAppNames("anything", [])).toEqual([]);
});
