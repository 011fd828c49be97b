import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sources } from "./sources.ts";

const files = globSync("**/*.ts", {
  cwd: import.meta.dirname,
  exclude: ["node_modules/**", "testing/**", "**/*.test.ts"],
});
const texts = files.map((file) => ({ file, text: readFileSync(join(import.meta.dirname, file), "utf8") }));

test("no file reads a clock, a random number, the machine's zone or Node", () => {
  expect(files.length).toBeGreaterThan(50);
  const impure =
    /Date\.now|new Date\(\)|performance\.|Math\.random|randomUUID|crypto\.|getTimezoneOffset|from "node:|process\.|resolvedOptions/;
  expect(texts.filter(({ text }) => impure.test(text)).map(({ file }) => file)).toEqual([]);
});

test("files import relatively or not at all, so that a browser's build needs nothing else", () => {
  for (const { file, text } of texts)
    for (const [, from] of text.matchAll(/ from "([^"]+)"/g))
      expect({ file, relative: from?.startsWith(".") }).toEqual({ file, relative: true });
});

test("every source is named by a rule, and every rule names a source that there is", () => {
  const named = texts.flatMap(({ text }) =>
    [...text.matchAll(/sources\.ts: ([^)]*)\)/g)].flatMap(([, list = ""]) =>
      [...list.matchAll(/`(\w+)`/g)].map(([, id]) => id ?? ""),
    ),
  );
  expect([...new Set(named)].toSorted()).toEqual(Object.keys(sources).toSorted());
  for (const { title, link } of Object.values(sources)) {
    expect(title.length).toBeGreaterThan(20);
    expect(link).toMatch(/^https:\/\//);
  }
});
