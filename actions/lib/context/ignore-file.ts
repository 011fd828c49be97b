import { SlipwayError } from "../core/errors.ts";
import { parentOf } from "../git/objects.ts";
import { type NumberedRule, readIgnoreLines, type IgnoreRule } from "./ignore-lines.ts";
import { IgnoreWalk } from "./ignore-walk.ts";

/** A path that an ignore file lets in; `below`: only when the path is a folder (`!folder/**`). */
export interface IncludedPath {
  path: string;
  below: boolean;
}

/** A path ("" is the root) of which later lines keep something out, or that is only searched for what a pattern matches. */
export interface NarrowedPath extends IncludedPath {
  /** The same for narrowed paths of which the same is seen. */
  id: string;
  /**
   * Whether a file is seen, or a folder may hold something that is; asked for each that is in a folder of which it is true.
   * Throws a SlipwayError for a file that BuildKit would send without its content.
   */
  keeps: (path: string, name: string, isFolder: boolean) => boolean;
}

/** What of the repository an ignore file lets a build see: every path that is in one of the lists. */
export interface BuildContextRules {
  whole: IncludedPath[];
  narrowed: NarrowedPath[];
}

const WILDCARD = /[*?[\]\\]/;

/**
 * Reads an ignore file, by the rules of BuildKit: https://docs.docker.com/build/concepts/context/#dockerignore-files
 *
 * @param text the file's content
 * @param path the file's path, named in errors
 * @throws SlipwayError when the file does not begin by keeping everything out, or has a line that is not a pattern
 */
export function readIgnoreFile(text: string, path: string): BuildContextRules {
  const lines = readIgnoreLines(text, path);
  const first = lines[0]?.rule;
  if (!first || first.include || (first.pattern !== "*" && first.pattern !== "**"))
    throw new SlipwayError(
      `${path} must start with the line "*": without it the build sees the whole repository, so that every commit would rebuild the image.`,
      { next: 'Start with "*", then name what the image needs, such as "!package.json".' },
    );
  const whole: IncludedPath[] = [];
  const narrowed: NarrowedPath[] = [];
  const exclusions: IgnoreRule[] = []; // those after the rule that is looked at: what an include loses, it loses to them
  for (const [index, { rule }] of [...lines.entries()].reverse()) {
    if (!rule.include) {
      exclusions.push(rule);
      continue;
    }
    const included = pathOf(rule);
    const relevant = exclusions.filter((later) => mayMatchIn(later.pattern, included.path));
    const literal = !WILDCARD.test(included.path) && !isAnywhere(rule.pattern);
    const plain = literal && !lines.slice(0, index).some((earlier) => hides(earlier, included));
    if (plain && relevant.length === 0) whole.push(included);
    else narrowed.push((plain && pruned(included, relevant)) || searched(rule, lines, path));
  }
  return { whole, narrowed };
}

/** The pattern without the end that means "everything below". */
function pathOf({ pattern }: IgnoreRule): IncludedPath {
  const path = pattern.replace(/\/\*\*?$/, "");
  return { path, below: path !== pattern };
}

/**
 * Whether an earlier line lets in the path already, or with `below` something in it. BuildKit does not ask a line about
 * what is let in anyway, so that a line between the two may still keep something of it out.
 */
function hides({ rule }: NumberedRule, { path, below }: IncludedPath): boolean {
  if (!rule.include) return false;
  if (!WILDCARD.test(rule.pattern))
    // the usual case, without looking at names
    return (
      path === rule.pattern || path.startsWith(`${rule.pattern}/`) || (below && rule.pattern.startsWith(`${path}/`))
    );
  if (!mayMatchIn(rule.pattern, path)) return false;
  return below || [path, ...foldersAbove(path)].some(rule.matches);
}

/**
 * A narrowed path whose exclusions each drop a path or a name, with everything below; else `undefined`. One that drops
 * a folder above does not: BuildKit asked it about that folder when the folder was kept out anyway.
 */
function pruned(included: IncludedPath, exclusions: readonly IgnoreRule[]): NarrowedPath | undefined {
  const paths = new Set<string>();
  const names: IgnoreRule[] = [];
  for (const rule of exclusions) {
    if (!WILDCARD.test(rule.pattern)) paths.add(rule.pattern);
    else if (/^\*\*\/[^/|^[\\]+$/.test(rule.pattern)) names.push(rule);
    else return undefined;
  }
  const above = foldersAbove(included.path);
  if (included.below) above.push(included.path);
  if (above.some((folder) => exclusions.some(({ matches }) => matches(folder)))) return undefined;
  const droppedName = nameTest(names);
  // A name stands for its path, but in a folder with a line end in its name, which "**/" does not match.
  const dropped = (path: string, name: string) =>
    path.includes("\n") ? names.some(({ matches }) => matches(path)) : droppedName(name);
  const keeps = (path: string, name: string) => !paths.has(path) && !dropped(path, name);
  const reached = included.below || keeps(included.path, included.path.slice(included.path.lastIndexOf("/") + 1));
  const patterns = exclusions.map(({ pattern }) => pattern);
  return {
    ...included,
    id: [included.path, included.below, ...patterns].join("\n"),
    keeps: reached ? keeps : () => false,
  };
}

/** A narrowed path in which every file is held against all lines. */
function searched({ pattern }: IgnoreRule, lines: readonly NumberedRule[], file: string): NarrowedPath {
  const path = literalPart(pattern);
  const patterns = lines.map(({ rule }) => (rule.include ? "!" : "") + rule.pattern);
  let walk: IgnoreWalk | undefined;
  return {
    path,
    below: false,
    id: [path, "all lines", ...patterns].join("\n"),
    keeps: (child, _, isFolder) => {
      if (isFolder) return true;
      walk ??= new IgnoreWalk(lines.map(({ rule }) => rule));
      const sight = walk.look(child);
      if (sight.sent !== "empty") return sight.sent;
      const { line, rule } = lines[sight.index] as NumberedRule;
      throw new SlipwayError(
        `${file}:${line}: "${rule.pattern}" keeps out a folder of ${child}, which an earlier line lets in: BuildKit would give the build that file without its content.`,
        { next: `Move the line to above the "!" lines, or let it name files that are let in.` },
      );
    },
  };
}

const nameTests = new Map<string, (name: string) => boolean>();

/** Whether one of the rules, all of the form `**` + `/name`, matches a name; remembered, since names come again and again. */
function nameTest(rules: readonly IgnoreRule[]): (name: string) => boolean {
  const id = rules.map(({ pattern }) => pattern).join("\n");
  const known = nameTests.get(id);
  if (known) return known;
  const answers = new Map<string, boolean>();
  const test = (name: string) => {
    let answer = answers.get(name);
    if (answer === undefined) {
      answer = rules.some(({ matches }) => matches(name));
      answers.set(name, answer);
    }
    return answer;
  };
  nameTests.set(id, test);
  return test;
}

/** Whether a pattern could match `path`, something in it or a folder above it; says yes when in doubt. */
function mayMatchIn(pattern: string, path: string): boolean {
  if (isAnywhere(pattern)) return true;
  const wanted = path.split("/");
  for (const [index, name] of pattern.split("/").entries()) {
    if (index >= wanted.length || WILDCARD.test(name)) return true;
    if (name !== wanted[index]) return false;
  }
  return true;
}

/** The deepest folder that holds everything a pattern can match; a path without wildcards is returned whole. */
function literalPart(pattern: string): string {
  const at = pattern.search(WILDCARD);
  if (at < 0) return pattern;
  return isAnywhere(pattern) ? "" : parentOf(pattern.slice(0, at));
}

/** A pattern with wildcards is a regular expression to BuildKit, in which these signs have a meaning: see `compilePattern`. */
const isAnywhere = (pattern: string) => /\||(?<!\[)\^/.test(pattern) && WILDCARD.test(pattern);

function foldersAbove(path: string): string[] {
  const names = path.split("/");
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"));
}
