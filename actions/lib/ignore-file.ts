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

/** What of the repository an ignore file lets a build see. */
export interface ContextRules {
  /** Paths that are seen whole; `below`: only when the path is a folder (`!folder/**`). */
  whole: { path: string; below: boolean }[];
  /** Folders ("" is the root) of which every file must be asked `sees`. */
  asked: string[];
  /** Whether the build sees a file, given its path. */
  sees: (path: string) => boolean;
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
  const whole: ContextRules["whole"] = [];
  const asked: string[] = [];
  const exclusions: string[] = []; // those after the rule that is looked at
  for (const { include, pattern, path, literal } of rules.toReversed()) {
    if (!include) exclusions.push(pattern);
    else if (literal && !exclusions.some((later) => mayMatchIn(later, path)))
      whole.push({ path, below: path !== pattern });
    else asked.push(literalPart(pattern));
  }
  let matcher: ((path: string) => boolean) | undefined;
  return {
    whole,
    asked,
    sees: (path) => {
      matcher ??= createMatcher(rules);
      return matcher(path);
    },
  };
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

function createMatcher(rules: readonly Rule[]): (path: string) => boolean {
  // The library takes these characters for a regular expression's; BuildKit takes them as they are.
  const literal = (pattern: string) => pattern.replace(/(?<!\\)[+(){}|]/g, "\\$&");
  const lines = rules.map((rule) => (rule.include ? "!" : "") + literal(rule.pattern));
  const ignore = dockerignore.default({ ignorecase: false }).add(lines);
  return (path) => !ignore.ignores(path);
}
