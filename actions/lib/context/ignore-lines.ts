import { posix } from "node:path";
import { SlipwayError } from "../core/errors.ts";
import { compilePattern, type PathTest } from "./pattern.ts";

/** One line of an ignore file that says something. */
export interface IgnoreRule {
  /** Lets in what it matches (`!pattern`) instead of keeping it out. */
  include: boolean;
  pattern: string;
  matches: PathTest;
}

/** A rule and the number of its line. */
export interface NumberedRule {
  rule: IgnoreRule;
  line: number;
}

/** Lines that were read before: many images let in the same files. */
const knownLines = new Map<string, IgnoreRule | undefined>();
/** BuildKit reads no longer line: https://pkg.go.dev/bufio#MaxScanTokenSize */
const LONGEST_LINE = 64 * 1024;

/**
 * Reads the lines of an ignore file, as BuildKit does.
 *
 * @param text the file's content
 * @param path the file's path, named in errors
 * @see https://github.com/moby/patternmatcher/blob/v0.6.0/ignorefile/ignorefile.go
 * @throws SlipwayError naming the first line that BuildKit refuses, or reads in a way that nobody means
 */
export function readIgnoreLines(text: string, path: string): NumberedRule[] {
  const rules: NumberedRule[] = [];
  for (const [index, written] of text
    .replace(/^\ufeff/, "")
    .split("\n")
    .entries()) {
    let rule = knownLines.get(written);
    if (!rule && !knownLines.has(written)) {
      rule = readLine(written, `${path}:${index + 1}`);
      knownLines.set(written, rule);
    }
    if (rule) rules.push({ rule, line: index + 1 });
  }
  return rules;
}

function readLine(written: string, where: string): IgnoreRule | undefined {
  if (Buffer.byteLength(written) >= LONGEST_LINE)
    throw new SlipwayError(`${where} is too long.`, { next: `Use less than ${LONGEST_LINE} bytes.` });
  if (written.startsWith("#")) return undefined;
  const line = trimmed(written);
  if (line === "") return undefined;
  const inner = line.startsWith("!") ? trimmed(line.slice(1)) : line;
  const local = inner === "" ? "" : cleaned(inner).replace(/^\/(?=.)/, "");
  // BuildKit's reader hands its lines to its matcher as text, which reads them again: "/!x" lets in x.
  const again = trimmed(line.startsWith("!") ? `!${local}` : local);
  if (again === "") return undefined;
  const clean = cleaned(again);
  if (clean === "!") throw new SlipwayError(`${where}: "!" names nothing.`, { next: 'Write "!path".' });
  const include = clean.startsWith("!");
  const pattern = include ? clean.slice(1) : clean;
  try {
    if (/^\ufeff|\ufffd/.test(pattern)) throw new Error("is not plain UTF-8");
    return { include, pattern, matches: compilePattern(pattern) };
  } catch (error) {
    throw new SlipwayError(`${where}: the pattern "${pattern}" ${(error as Error).message}.`, { cause: error });
  }
}

/** https://pkg.go.dev/strings#TrimSpace: its spaces are not those of JavaScript. */
const SPACES = "[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const OUTER_SPACES = new RegExp(`^${SPACES}|${SPACES}$`, "g");
const trimmed = (text: string) => text.replace(OUTER_SPACES, "");

/** https://pkg.go.dev/path/filepath#Clean */
const cleaned = (path: string) => posix.normalize(path).replace(/(?<=.)\/$/, "");
