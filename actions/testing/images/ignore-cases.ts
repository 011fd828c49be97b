/** An ignore file, and the files that it is held against. */
export interface IgnoreCase {
  text: string;
  /** In the order in which a walk comes to them. */
  paths: string[];
}

/** Pseudo-random numbers that repeat: a failure's seed reproduces it. https://en.wikipedia.org/wiki/Xorshift */
export function randomNumbers(seed: number): (below: number) => number {
  let state = Math.imul(seed, 0x9e3779b1) || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const NAMES = ["a", "b", "c", "ab", "abc", "a.b", "x.ts", "y.ts", ".ts", "dist", "test", "-", "0"];
const ODD_NAMES = [
  "é",
  "😀",
  "😀.ts",
  "a b",
  "C++",
  "(n)",
  "{a}",
  "a|b",
  "^a",
  "[a]",
  "a]",
  "!a",
  "#a",
  "$",
  "a\nb",
  "\\",
  "a*",
];
const PARTS = ["*", "**", "***", "?", "??", "[a-c]", "[^a]", "[ab.]", "[é-😀]", "\\*", "\\[", "\\\\", "]", "^", "|"];
const BROKEN_PARTS = [
  "[",
  "[]",
  "[a-",
  "[z-a]",
  "[^]",
  "[-a]",
  "\\",
  "{2}",
  "[*]",
  "[[:alpha:]]",
  "\\d",
  "\\a",
  "\\😀",
  "\ufffd",
];
const LITERALS = ["a", "b", "c", ".", "ts", "x", "t", "é", "😀", "{", "}", "+", "(", ")", "$", "-"];
const SPACES = [" ", "\t", "\r", "\u00a0", "\u0085", "\ufeff", "\u3000"];

/** Makes ignore files that start by keeping everything out, and files that their lines are near to. */
export function ignoreCases(seed: number, count: number): IgnoreCase[] {
  const random = randomNumbers(seed);
  const some = <T>(list: readonly T[]) => list[random(list.length)] as T;
  const chance = (percent: number) => random(100) < percent;
  const times = <T>(least: number, most: number, make: () => T) =>
    Array.from({ length: least + random(most - least + 1) }, make);

  const path = () => times(1, 4, () => (chance(80) ? some(NAMES) : some(ODD_NAMES))).join("/");
  const piece = () => (chance(45) ? some(PARTS) : chance(1) ? some(BROKEN_PARTS) : some(LITERALS));
  const part = () => (chance(50) ? some(NAMES) : chance(25) ? some(["*", "**"]) : times(1, 3, piece).join(""));
  const pattern = (paths: readonly string[]) => {
    const names = some(paths).split("/");
    const near = names.slice(0, 1 + random(names.length)).map((name) => (chance(75) ? name : part()));
    const parts = chance(70) ? near : times(1, 4, part);
    const start = chance(80) ? "" : some(["/", "./", "//", "../", "**/", "/!", "!", "x/../"]);
    const end = chance(75) ? "" : some(["/", "/**", "/*", "/.", "//", "**", "/**/**", "/**/*", "/*/**", "/*/*"]);
    return `${start}${parts.join("/")}${end}`;
  };
  const line = (paths: readonly string[]) => {
    if (chance(3)) return some(["", "# a", " # a", "!", "#", "   ", "/", "!/", ".", "!.", "!!a"]);
    const space = () => (chance(4) ? some(SPACES) : "");
    return `${space()}${chance(55) ? "!" : ""}${space()}${pattern(paths)}${space()}`;
  };
  return Array.from({ length: count }, () => {
    const paths = withoutClashes(times(6, 14, path));
    const first = chance(95) ? some(["*", "**"]) : some(["/*", " * ", "\ufeff*", "# a\n**", "./*", "*/"]);
    const end = chance(95) ? "\n" : some(["\r\n", ""]);
    return { text: [first, ...times(1, 6, () => line(paths))].join("\n") + end, paths };
  });
}

/** Without doubles and without files where others need a folder. */
function withoutClashes(paths: readonly string[]): string[] {
  const unique = [...new Set(paths)].filter((path) => !paths.some((other) => other.startsWith(`${path}/`)));
  const order = (path: string) => path.replaceAll("/", "\0");
  return unique.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}
