import { posix } from "node:path";
import dockerignore from "@balena/dockerignore";
import { SlipwayError } from "./errors.ts";
import { parentOf } from "./git-objects.ts";

/** One line of a `Dockerfile.dockerignore`. */
interface Rule {
  /** Lets in what it matches (`!pattern`) instead of keeping it out. */
  include: boolean;
  pattern: string;
  /** The pattern without the end that means "everything below". */
  path: string;
  /** Whether `path` is a path and not a pattern. */
  literal: boolean;
}

/** Lines that were read before: many images let in the same files. */
const knownLines = new Map<string, Rule>();

/** A path that an ignore file lets in; `below`: only when the path is a folder (`!folder/**`). */
export interface IncludedPath {
  path: string;
  below: boolean;
}

/** A path ("" is the root) of which later lines keep something out, or that is only searched for what a pattern matches. */
export interface NarrowedPath extends IncludedPath {
  /** The same for narrowed paths of which the same is seen. */
  id: string;
  /** Whether a file is seen, or a folder may hold something that is; asked for each that is in a folder of which it is true. */
  keeps: (path: string, name: string, isFolder: boolean) => boolean;
}

/** What of the repository an ignore file lets a build see: every path that is in one of the lists. */
export interface ContextRules {
  whole: IncludedPath[];
  narrowed: NarrowedPath[];
}

const WILDCARD = /[*?[\\]/;

/**
 * Reads an ignore file, by the rules of BuildKit: https://docs.docker.com/build/concepts/context/#dockerignore-files
 *
 * @param text the file's content
 * @param path the file's path, named in errors
 * @throws SlipwayError when the file does not begin by keeping everything out
 */
export function readIgnoreFile(text: string, path: string): ContextRules {
  const rules = parseRules(text, path);
  const first = rules[0];
  if (!first || first.include || (first.pattern !== "*" && first.pattern !== "**"))
    throw new SlipwayError(
      `${path} must start with the line "*": without it the build sees the whole repository, so that every commit would rebuild the image.`,
      { next: 'Start with "*", then name what the image needs, such as "!package.json".' },
    );
  const whole: IncludedPath[] = [];
  const narrowed: NarrowedPath[] = [];
  const exclusions: Rule[] = []; // those after the rule that is looked at: what an include loses, it loses to them
  for (const rule of rules.toReversed()) {
    const included = { path: rule.path, below: rule.path !== rule.pattern };
    const relevant = exclusions.filter((later) => mayMatchIn(later.pattern, rule.path));
    if (!rule.include) exclusions.push(rule);
    else if (rule.literal && relevant.length === 0) whole.push(included);
    else narrowed.push((rule.literal && pruned(included, relevant)) || searched(rule, rules));
  }
  return { whole, narrowed };
}

/** A narrowed path whose exclusions each drop a path or a name, with everything below; else `undefined`. */
function pruned(included: IncludedPath, exclusions: readonly Rule[]): NarrowedPath | undefined {
  const paths = new Set<string>();
  const names: string[] = [];
  for (const { pattern } of exclusions) {
    if (!WILDCARD.test(pattern)) paths.add(pattern);
    else if (/^\*\*\/[^/]+$/.test(pattern)) names.push(pattern);
    else return undefined;
  }
  const droppedName = nameMatcher(names);
  const keeps = (path: string, name: string) => !droppedName(name) && !paths.has(path);
  const above = included.path.split("/");
  const reached = above.every((name, index) => keeps(above.slice(0, index + 1).join("/"), name));
  const patterns = exclusions.map(({ pattern }) => pattern);
  return {
    ...included,
    id: [included.path, included.below, ...patterns].join("\n"),
    keeps: reached ? keeps : () => false,
  };
}

/** A narrowed path in which every file is held against all lines. */
function searched({ pattern }: Rule, rules: readonly Rule[]): NarrowedPath {
  const lines = rules.map((rule) => (rule.include ? "!" : "") + rule.pattern);
  let ignores: ((path: string) => boolean) | undefined;
  return {
    path: literalPart(pattern),
    below: false,
    id: [literalPart(pattern), "all lines", ...lines].join("\n"),
    keeps: (path, _, isFolder) => {
      ignores ??= createMatcher(lines);
      return isFolder || !ignores(path);
    },
  };
}

const nameMatchers = new Map<string, (name: string) => boolean>();

/** Whether one of the patterns, all of the form `**` + `/name`, matches a name; remembered, since names come again and again. */
function nameMatcher(patterns: readonly string[]): (name: string) => boolean {
  const id = patterns.join("\n");
  const known = nameMatchers.get(id);
  if (known) return known;
  const ignores = createMatcher(patterns);
  const answers = new Map<string, boolean>();
  const matcher = (name: string) => {
    let answer = answers.get(name);
    if (answer === undefined) {
      answer = ignores(name);
      answers.set(name, answer);
    }
    return answer;
  };
  nameMatchers.set(id, matcher);
  return matcher;
}

function parseRules(text: string, path: string): Rule[] {
  const rules: Rule[] = [];
  for (const [index, line] of text
    .replace(/^\ufeff/, "")
    .split("\n")
    .entries()) {
    const rule = knownLines.get(line) ?? parseLine(line);
    if (rule?.pattern === "")
      throw new SlipwayError(`${path}:${index + 1}: "!" names nothing.`, { next: 'Write "!path".' });
    if (!rule) continue;
    knownLines.set(line, rule);
    rules.push(rule);
  }
  return rules;
}

/** https://github.com/moby/patternmatcher/blob/main/ignorefile/ignorefile.go says what a line means. */
function parseLine(line: string): Rule | undefined {
  if (line.startsWith("#") || line.trim() === "") return undefined;
  const include = line.trim().startsWith("!");
  const written = include ? line.trim().slice(1).trim() : line.trim();
  const clean = written === "" ? "" : posix.normalize(written);
  const pattern = clean.replace(/(?<=.)\/$/, "").replace(/^\/(?=.)/, "");
  const path = pattern.replace(/\/\*\*?$/, "");
  return { include, pattern, path, literal: !WILDCARD.test(path) };
}

/** Whether a pattern could match `path`, something in it or a folder above it; says yes when in doubt. */
function mayMatchIn(pattern: string, path: string): boolean {
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
  return at < 0 ? pattern : parentOf(pattern.slice(0, at));
}

function createMatcher(patterns: readonly string[]): (path: string) => boolean {
  // The library takes these characters for a regular expression's; BuildKit takes them as they are.
  const lines = patterns.map((pattern) => pattern.replace(/(?<!\\)[+(){}|]/g, "\\$&"));
  const ignore = dockerignore.default({ ignorecase: false }).add(lines);
  return (path) => ignore.ignores(path);
}
