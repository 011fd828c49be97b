import { describe, expect, it } from "vitest";
import { compilePattern, matchSteps, type PatternStep } from "./pattern.ts";

describe("a pattern", () => {
  // What BuildKit says of each was asked of the real program: ignore-file.real.test.ts holds generated ones against it.
  it.each([
    ["**.ts", ["x.ts", "a/x.ts", ".ts"], ["x.tsx", "x.ts/a"]],
    ["a**b", ["ab", "ax/b"], ["axb"]],
    ["a/**", ["a/b", "a/b/c"], ["a", "ab"]],
    ["**/a", ["a", "b/a"], ["ba", "a/b"]],
    ["a?b", ["a😀b", "aéb"], ["ab", "a/b"]],
    ["[^a]", ["b", "😀", "\n"], ["a"]],
    ["[é-😀]", ["é", "ñ", "😀"], ["e"]],
    ["\\*a", ["*a"], ["ba"]],
    ["*.{a,b}", ["x.{a,b}"], ["x.a"]],
    ["C++ (new)*", ["C++ (new)", "C++ (new).md"], ["CC (new)"]],
    ["a|b", ["a|b"], ["a", "b"]],
    ["a|b*", ["ax/y", "x/b"], ["b/x", "x"]],
    ["a\nb/**/c", ["a\nb/c"], ["a\nb/x\ny/c"]],
    ["a/*/**", ["a/b/c"], ["a/b", "a"]],
  ])("%j matches what BuildKit matches", (pattern, yes, no) => {
    const matches = compilePattern(pattern);
    expect([...yes, ...no].filter(matches)).toEqual(yes);
  });

  it("of many /** takes as many tests as it has steps, for each character", () => {
    let tests = 0;
    const counted = (accepts: (char: string) => boolean) => (char: string) => {
      tests += 1;
      return accepts(char);
    };
    const deep: PatternStep[] = Array.from({ length: 10 }, (): PatternStep[] => [
      { kind: "optional", skip: 2 },
      { kind: "many", accepts: counted(() => true) },
      { kind: "one", accepts: counted((char) => char === "/") },
    ]).flat();
    const path = `${"a/".repeat(500)}b`;
    expect(matchSteps([...deep, { kind: "one", accepts: counted((char) => char === "x") }], path)).toBe(false);
    expect(tests).toBeLessThanOrEqual(path.length * 21);
    // A regular expression that goes back and tries again would not come to an end here.
    expect(compilePattern(`${"**/".repeat(200)}*x`)(path)).toBe(false);
    expect(compilePattern(`a${"/**".repeat(10)}/*x`)(`${path}x`)).toBe(true);
  });
});
