import { SlipwayError } from "../../actions/lib/core/errors.ts";

/** What an app may be made of, in the order in which it is named to people. */
export const parts = ["service", "page", "database", "cache"] as const;
export type AppPart = (typeof parts)[number];

/** What a part cannot be without. */
const needs: Partial<Record<AppPart, AppPart>> = { cache: "database", database: "service" };

/** The parts of an app for which nobody says what it is made of. */
export const usualParts: readonly AppPart[] = ["service", "page", "database"];

/** All parts of an app. @param wanted those that somebody asked for; `usualParts` when there is none */
export function completeParts(wanted: readonly AppPart[]): Set<AppPart> {
  const all = new Set(wanted.length > 0 ? wanted : usualParts);
  for (const part of [...parts].reverse()) {
    const needed = needs[part];
    if (all.has(part) && needed) all.add(needed);
  }
  return new Set(parts.filter((part) => all.has(part)));
}

const opening = /^\s*(?:\/\/|#|\/\*|<!--) if ([a-z! ]+?)\s*(?:\*\/|-->)?$/;
const closing = /^\s*(?:\/\/|#|\/\*|<!--) end\s*(?:\*\/|-->)?$/;

/**
 * The text of a template for an app of some parts. What stands between a comment `if database !page` and a comment `end`
 * stays where the app has a database and no page. Such blocks may stand in one another.
 *
 * @param path the template's path, for errors
 * @throws SlipwayError when the template has a block that does not end, or names a part that there is not
 */
export function selectLines(text: string, has: ReadonlySet<AppPart>, path: string): string {
  const open: boolean[] = [];
  const lines = text.split("\n").filter((line) => {
    const condition = opening.exec(line)?.[1];
    if (condition !== undefined) open.push(condition.split(" ").every((word) => holds(word, has, path)));
    else if (closing.test(line)) {
      if (open.pop() === undefined) throw new SlipwayError(`${path} ends a block that does not begin.`);
    } else return open.every(Boolean);
    return false;
  });
  if (open.length > 0) throw new SlipwayError(`${path} has a block without an end.`);
  return lines.join("\n");
}

function holds(word: string, has: ReadonlySet<AppPart>, path: string): boolean {
  const name = word.replace(/^!/, "");
  const part = parts.find((each) => each === name);
  if (!part) throw new SlipwayError(`${path}: "${name}" is not a part of an app. Parts: ${parts.join(", ")}.`);
  return has.has(part) !== word.startsWith("!");
}
