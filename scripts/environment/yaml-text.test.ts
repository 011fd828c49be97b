import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { copyYaml, removeYaml, setYaml } from "./yaml-text.ts";

const own = await readFile(join(import.meta.dirname, "../../slipway.yaml"), "utf8");

describe("setYaml", () => {
  it("writes over a value and leaves its comment and everything else", () => {
    const set = setYaml(own, ["aws", "account"], "123456789012");
    expect(set).toBe(own.replace('"000000000000"', '"123456789012"'));
    expect(setYaml(set, ["aws", "account"], "000000000000")).toBe(own);
  });

  it.each<[string, string, string[], Parameters<typeof setYaml>[2], string]>([
    ["a new key behind the others", "a:\n  b: 1 # one\nc: 2\n", ["a", "d"], "x", "a:\n  b: 1 # one\n  d: x\nc: 2\n"],
    ["a map in braces", "a:\n  b: 1\n", ["a", "ids"], { o: 1, r: 2 }, "a:\n  b: 1\n  ids: { o: 1, r: 2 }\n"],
    ["into braces", "a: { b: 1 } # note\n", ["a", "mail"], "a@b.example", "a: { b: 1, mail: a@b.example } # note\n"],
    ["into empty braces", "a: {}\n", ["a", "b"], true, "a: { b: true }\n"],
    ["maps that are not there", "a:\n  b: 1\n", ["a", "c", "d"], 1, "a:\n  b: 1\n  c: { d: 1 }\n"],
    ["a list", "a: [x] # note\n", ["a"], ["arn:aws:iam::1:role/r"], "a: [arn:aws:iam::1:role/r] # note\n"],
    ["what would be read as something else", "a: 1\n", ["a"], "true", 'a: "true"\n'],
    ["a comma in braces", "a: { b: 1 }\n", ["a", "c"], "x, d: 2", 'a: { b: 1, c: "x, d: 2" }\n'],
    ["over a block", "a:\n  b:\n    - 1\n", ["a", "b"], "x", "a:\n  b: x\n"],
  ])("writes %s", (_case, before, path, value, after) => {
    const set = setYaml(before, path, value);
    expect(set).toBe(after);
    expect(path.reduce((found, key) => found[key], parse(set))).toEqual(value);
  });
});

describe("removeYaml", () => {
  it("takes the line out, and nothing where there is none", () => {
    const text = "a:\n  b: 1\n  c: { d: 1 } # mine\n# of e\ne: 1\n";
    expect(removeYaml(text, ["a", "c"])).toBe("a:\n  b: 1\n# of e\ne: 1\n");
    expect(removeYaml(text, ["a", "x"])).toBe(text);
    expect(removeYaml("a: { b: 1, c: 2 }\n", ["a", "b"])).toBe("a: { c: 2 }\n");
  });
});

describe("copyYaml", () => {
  it.each([
    [
      "lines with their comments",
      "a:\n  b: # one\n    # two\n    c: 1 # three\n  d: 2\n",
      "a:\n  b: # one\n    # two\n    c: 1 # three\n  x: # one\n    # two\n    c: 1 # three\n  d: 2\n",
    ],
    ["the last entry", "a:\n  b: { c: 1 }\n", "a:\n  b: { c: 1 }\n  x: { c: 1 }\n"],
    ["an entry without a line's end", "a:\n  b: { c: 1 }", "a:\n  b: { c: 1 }\n  x: { c: 1 }\n"],
    ["an entry in braces", "a: { b: { c: 1 } }\n", "a: { b: { c: 1 }, x: { c: 1 } }\n"],
  ])("copies %s", (_case, before, after) => {
    expect(copyYaml(before, ["a", "b"], "x")).toBe(after);
  });

  it("copies what an anchor names, whatever it takes", () => {
    const copied = copyYaml("a:\n  b: &one { c: 1 }\n  d: *one\n", ["a", "b"], "x");
    expect(parse(copied)).toEqual({ a: { b: { c: 1 }, d: { c: 1 }, x: { c: 1 } } });
  });
});
