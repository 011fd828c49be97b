import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const folder = join(import.meta.dirname, "src");
const { translations } = JSON.parse(readFileSync(join(folder, "locale/es.json"), "utf8")) as {
  translations: Record<string, string>;
};
const sources = globSync("app/**/*.{ts,html}", { cwd: folder })
  .filter((path) => !path.endsWith(".test.ts"))
  .map((path) => readFileSync(join(folder, path), "utf8"))
  .join("\n");
/** Every message with its text as it is in the source: by `$localize`, or by an `i18n-` attribute (its text is next to it). */
const ids = new Set([...sources.matchAll(/@@([\w.]+)/g)].map(([, id]) => id ?? ""));

test("every message has a translation, and every translation its message", () => {
  expect([...ids].sort()).toEqual(Object.keys(translations).sort());
});

test("a translation has the placeholders of its message", () => {
  for (const [, id = "", text = ""] of sources.matchAll(/\$localize`:@@([\w.]+):((?:[^`\\]|\\.)*)`/g)) {
    const wanted = [...text.matchAll(/\$\{[^}]*\}:(\w+):/g)].map(([, name]) => name);
    const there = [...(translations[id] ?? "").matchAll(/\{\$(\w+)\}/g)].map(([, name]) => name);
    expect({ id, names: there.sort() }).toEqual({ id, names: wanted.sort() });
  }
});

test("a message has one text wherever it is used", () => {
  const texts = new Map<string, string>();
  for (const [, id = "", text = ""] of sources.matchAll(/\$localize`:@@([\w.]+):((?:[^`\\]|\\.)*)`/g)) {
    expect({ id, text: texts.get(id) ?? text }).toEqual({ id, text });
    texts.set(id, text);
  }
});
