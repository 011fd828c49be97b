import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

/** What is said in a folder's sources, and in which words it is said in Spanish. */
interface Messages {
  sources: string;
  /** Every message: by `$localize`, or by an `i18n-` attribute (its text is next to it). */
  ids: Set<string>;
  translations: Record<string, string>;
}

const kit = join(import.meta.dirname, "..");

function messagesOf(source: string, translation: string): Messages {
  const { translations } = JSON.parse(readFileSync(translation, "utf8")) as { translations: Record<string, string> };
  const sources = globSync("**/*.{ts,html}", { cwd: source })
    .filter((path) => !path.endsWith(".test.ts"))
    .map((path) => readFileSync(join(source, path), "utf8"))
    .join("\n");
  return { sources, ids: new Set([...sources.matchAll(/@@([\w.]+)/g)].map(([, id]) => id ?? "")), translations };
}

const kitMessages = () => messagesOf(join(kit, "src"), join(kit, "locale/es.json"));

/** The tests of the kit's own messages. */
export function testKitMessages(): void {
  testMessages(kitMessages());
}

/**
 * The tests of an interface's messages: those in `src`, translated in `src/locale/es.json`.
 *
 * @param folder the interface's folder
 */
export function testInterfaceMessages(folder: string): void {
  const own = messagesOf(join(folder, "src"), join(folder, "src/locale/es.json"));
  testMessages(own);
  test("no message has the name of one of the kit's", () => {
    expect([...own.ids].filter((id) => kitMessages().ids.has(id))).toEqual([]);
  });
}

function testMessages({ sources, ids, translations }: Messages): void {
  const texts = [...sources.matchAll(/\$localize`:@@([\w.]+):((?:[^`\\]|\\.)*)`/g)];

  test("every message has a translation, and every translation its message", () => {
    expect([...ids].sort()).toEqual(Object.keys(translations).sort());
  });

  test("a translation has the placeholders of its message", () => {
    for (const [, id = "", text = ""] of texts) {
      const wanted = [...text.matchAll(/\$\{[^}]*\}:(\w+):/g)].map(([, name]) => name);
      const there = [...(translations[id] ?? "").matchAll(/\{\$(\w+)\}/g)].map(([, name]) => name);
      expect({ id, names: there.sort() }).toEqual({ id, names: wanted.sort() });
    }
  });

  test("a message has one text wherever it is used", () => {
    const known = new Map<string, string>();
    for (const [, id = "", text = ""] of texts) {
      expect({ id, text: known.get(id) ?? text }).toEqual({ id, text });
      known.set(id, text);
    }
  });
}
