/** Whether a path (with `/` between names, none at its ends) is what a pattern says. */
export type PathTest = (path: string) => boolean;

/**
 * One step of a pattern: one character, any number of them, a place where the next `skip` steps may be left out, or the
 * path's beginning.
 */
export type PatternStep =
  { kind: "one" | "many"; accepts: (char: string) => boolean } | { kind: "optional"; skip: number } | { kind: "start" };

const anything = () => true;
const notSlash = (char: string) => char !== "/";
const notLineEnd = (char: string) => char !== "\n";
const exactly = (wanted: string) => (char: string) => char === wanted;

/**
 * Reads one pattern as BuildKit does. BuildKit makes a regular expression of it, and some characters keep the meaning
 * that they have there: `|` and `^` do here, too; what else would surprise (`\d`, `{2}`, `[[:alpha:]]`, `[*]`) is refused.
 *
 * @param pattern one that is clean: no empty names, no slash at its end
 * @see https://github.com/moby/patternmatcher/blob/v0.6.0/patternmatcher.go
 * @throws Error saying what is wrong, as the end of a sentence that names the pattern
 */
export function compilePattern(pattern: string): PathTest {
  const chars = Array.from(pattern);
  let kind: "exact" | "prefix" | "suffix" | "steps" = "exact";
  let repetition: string | undefined;
  const alternatives: PatternStep[][] = [[]];
  const push = (...steps: PatternStep[]) => alternatives.at(-1)?.push(...steps);
  for (let at = 0, elements = 0; at < chars.length; elements += 1) {
    const char = chars[at++] as string;
    if (char === "*" && chars[at] === "*") {
      at += chars[at + 1] === "/" ? 2 : 1;
      if (at < chars.length) {
        push({ kind: "optional", skip: 2 }, { kind: "many", accepts: notLineEnd });
        push({ kind: "one", accepts: exactly("/") });
      } else push({ kind: "many", accepts: notLineEnd });
      kind = at < chars.length || kind !== "exact" ? "steps" : "prefix";
      if (elements === 0) kind = "suffix";
    } else if (char === "*") {
      push({ kind: "many", accepts: notSlash });
      kind = "steps";
    } else if (char === "?") {
      push({ kind: "one", accepts: notSlash });
      kind = "steps";
    } else if (char === "[") {
      const { accepts, end } = readClass(chars, at);
      push({ kind: "one", accepts });
      at = end;
      kind = "steps";
    } else if (char === "\\") {
      push({ kind: "one", accepts: exactly(escaped(chars[at++])) });
      kind = "steps";
    } else if (char === "|") alternatives.push([]);
    else if (char === "^") push({ kind: "start" });
    else {
      if (char === "{") repetition ??= /^\{\d+(,\d*)?\}/.exec(chars.slice(at - 1).join(""))?.[0];
      if (char === "]") kind = "steps";
      push({ kind: "one", accepts: exactly(char) });
    }
  }
  if (kind === "exact") return (path) => path === pattern;
  if (kind === "prefix") return (path) => path.startsWith(pattern.slice(0, -2));
  if (kind === "suffix") return (path) => path.endsWith(pattern.slice(2)) || `**/${path}` === pattern;
  if (repetition) throw new Error(`has "${repetition}", which BuildKit takes for a repetition`);
  // Only the first alternative of a regular expression `^a|b$` is bound to the beginning, and only the last to the end.
  const loose: PatternStep = { kind: "many", accepts: anything };
  const last = alternatives.length - 1;
  const bound = alternatives.map((steps, index) => [
    ...(index > 0 ? [loose] : []),
    ...steps,
    ...(index < last ? [loose] : []),
  ]);
  return (path) => bound.some((steps) => matchSteps(steps, path));
}

/**
 * Whether the steps lead from a path's beginning to its end. Goes once through the path and keeps every step that may
 * be next, so that it takes at most as many tests as there are steps for each character.
 */
export function matchSteps(steps: readonly PatternStep[], path: string): boolean {
  let open = reachable(steps, new Uint8Array(steps.length + 1).fill(1, 0, 1), true);
  for (const char of path) {
    const next = new Uint8Array(steps.length + 1);
    let any = false;
    for (const [index, step] of steps.entries()) {
      if (!open[index] || (step.kind !== "one" && step.kind !== "many") || !step.accepts(char)) continue;
      next[step.kind === "one" ? index + 1 : index] = 1;
      any = true;
    }
    if (!any) return false;
    open = reachable(steps, next, false);
  }
  return open[steps.length] === 1;
}

/** Adds the steps that are reached from those in `open` without a character; they all come later. */
function reachable(steps: readonly PatternStep[], open: Uint8Array, atStart: boolean): Uint8Array {
  for (const [index, step] of steps.entries()) {
    if (!open[index]) continue;
    if (step.kind === "many" || step.kind === "optional" || (step.kind === "start" && atStart)) open[index + 1] = 1;
    if (step.kind === "optional") open[index + 1 + step.skip] = 1;
  }
  return open;
}

/** Reads what is between brackets. @param at after the opening one @returns where the pattern goes on after the closing one */
function readClass(chars: readonly string[], at: number): { accepts: (char: string) => boolean; end: number } {
  const ranges: [number, number][] = [];
  const negated = chars[at] === "^";
  if (negated) at += 1;
  const member = () => {
    const char = chars[at++];
    if (char === undefined) throw new Error('has a "[" without its "]"');
    if (char === "-" || char === "]") throw new Error(`has "${char}" where "[" needs a character; write "\\${char}"`);
    if (char === "*" || char === "?" || (char === "[" && chars[at] === ":"))
      throw new Error(`has "${char}" between brackets, which BuildKit does not take as it is; write "\\${char}"`);
    return (char === "\\" ? escaped(chars[at++]) : char).codePointAt(0) ?? 0;
  };
  do {
    const from = member();
    const to = chars[at] === "-" ? ((at += 1), member()) : from;
    if (to < from) throw new Error("has a range between brackets that ends before it begins");
    ranges.push([from, to]);
  } while (chars[at] !== "]");
  const accepts = (char: string) => {
    const code = char.codePointAt(0) ?? 0;
    return ranges.some(([from, to]) => from <= code && code <= to) !== negated;
  };
  return { accepts, end: at + 1 };
}

/** The character that a backslash makes an ordinary one. */
function escaped(char: string | undefined): string {
  if (char === undefined) throw new Error("ends with a backslash");
  if (/[0-9A-Za-z]|[^\0-\x7f]/.test(char))
    throw new Error(`has "\\${char}", which BuildKit does not take for "${char}"; leave out the backslash`);
  return char;
}
