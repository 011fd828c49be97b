import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryTexts } from "./documents.ts";
import { appOfFile, repeatedNames } from "./names.ts";

const root = join(import.meta.dirname, "../..");

test("an exported type has a name of its own", async () => {
  const files = await repositoryTexts(root, (path) => path.endsWith(".ts"));
  expect(files.length).toBeGreaterThan(500);
  expect(repeatedNames(files, (path) => appOfFile(root, path))).toEqual([]);
});

test.each<[string, [path: string, text: string][], string[]]>([
  [
    "two of what all share",
    [
      ["a.ts", "export type A = 1;"],
      ["b.ts", "export abstract class A {}"],
    ],
    ["A: a.ts, b.ts"],
  ],
  [
    "an app's and a shared one",
    [
      ["a.ts", "export interface A {}"],
      ["one/b.ts", "export type A = 1;"],
    ],
    ["A: a.ts, one/b.ts"],
  ],
  [
    "two of one app",
    [
      ["one/a.ts", "export type A = 1;"],
      ["one/b.ts", "export type A = 2;"],
    ],
    ["A: one/a.ts, one/b.ts"],
  ],
  [
    "those of two apps",
    [
      ["one/a.ts", "export type A = 1;"],
      ["two/b.ts", "export type A = 2;"],
    ],
    [],
  ],
  [
    "what is not exported",
    [
      ["a.ts", "type A = 1;"],
      ["b.ts", "export type A = 2;"],
    ],
    [],
  ],
  [
    "a type and a function",
    [
      ["a.ts", "export function A() {}"],
      ["b.ts", "export type A = 2;"],
    ],
    [],
  ],
])("%s", (_what, files, repeated) => {
  const given = files.map(([path, text]) => ({ path, text }));
  expect(repeatedNames(given, (path) => path.split("/").toReversed()[1])).toEqual(repeated);
});
