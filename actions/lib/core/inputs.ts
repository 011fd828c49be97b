import { getInput } from "@actions/core";
import { SlipwayError } from "./errors.ts";

/** An input's trimmed value; `undefined` when it is missing or empty. */
export function optionalInput(name: string): string | undefined {
  return getInput(name) || undefined;
}

/** An input's trimmed value. @throws SlipwayError when it is missing or empty */
export function requiredInput(name: string): string {
  const value = optionalInput(name);
  if (value === undefined) throw new SlipwayError(`Input "${name}" is missing.`, { next: `Give it under "with:".` });
  return value;
}

/** An input that must be one of `allowed`; `fallback` when it is missing. @throws SlipwayError naming what it may be */
export function choiceInput<T extends string>(name: string, allowed: readonly T[], fallback: T): T {
  const value = optionalInput(name) ?? fallback;
  const match = allowed.find((each) => each === value);
  if (match === undefined)
    throw new SlipwayError(`Input "${name}" is ${JSON.stringify(value)}.`, {
      next: `Allowed: ${allowed.join(", ")}.`,
    });
  return match;
}

/** A `true` or `false` input. @throws SlipwayError on any other text */
export function booleanInput(name: string, fallback: boolean): boolean {
  return choiceInput(name, ["true", "false"], fallback ? "true" : "false") === "true";
}

/** A whole number in a range. @throws SlipwayError naming the range */
export function integerInput(name: string, fallback: number, range: { min: number; max: number }): number {
  const text = optionalInput(name) ?? String(fallback);
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || value < range.min || value > range.max)
    throw new SlipwayError(`Input "${name}" is ${JSON.stringify(text)}.`, {
      next: `Allowed: a whole number from ${range.min} to ${range.max}.`,
    });
  return value;
}

/** A month such as `2026-11`; `undefined` when it is missing. @throws SlipwayError on any other text */
export function periodInput(name: string): string | undefined {
  const value = optionalInput(name);
  if (value !== undefined && !/^\d{4}-(0[1-9]|1[0-2])$/.test(value))
    throw new SlipwayError(`Input "${name}" is ${JSON.stringify(value)}.`, {
      next: "Allowed: a month, such as 2026-11: the output of the same name of actions/plan.",
    });
  return value;
}

/** The whole id of a commit; `undefined` when it is missing. @throws SlipwayError on any other text */
export function commitInput(name: string): string | undefined {
  const value = optionalInput(name);
  if (value !== undefined && !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(value))
    throw new SlipwayError(`Input "${name}" is ${JSON.stringify(value)}.`, {
      next: "Allowed: the whole id of a commit, 40 hexadecimal digits.",
    });
  return value;
}

/** Names separated by commas, spaces or lines, each once. @throws SlipwayError when there is none */
export function nameListInput(name: string): string[] {
  const text = requiredInput(name);
  const names = text.split(/[\s,]+/).filter(Boolean);
  if (names.length === 0)
    throw new SlipwayError(`Input "${name}" is ${JSON.stringify(text)}.`, {
      next: "Allowed: names separated by commas.",
    });
  return [...new Set(names)];
}
