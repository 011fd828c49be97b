import { SlipwayError } from "../../actions/lib/errors.ts";
import { printable } from "../../actions/lib/printable.ts";
import { branch } from "./branch.ts";
import { environments } from "./environments.ts";
import type { Check, Finding, Level, Subject } from "./finding.ts";

/** Every check, in the order in which they are told. */
const checks: readonly Check[] = [environments, branch];

/** Looks at everything; changes nothing. What cannot be looked at is a finding, too. */
export async function examine(subject: Subject): Promise<Finding[]> {
  const found = await Promise.all(checks.map((check) => findingsOf(check, subject)));
  return found.flat();
}

async function findingsOf(check: Check, subject: Subject): Promise<Finding[]> {
  try {
    return (await check.look(subject)).map((finding) => ({ check: check.name, ...finding }));
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    const { message: says, next } = error;
    return [{ check: check.name, level: "unknown", says, ...(next === undefined ? {} : { next }) }];
  }
}

/** Whether nothing is missing, and everything could be looked at. */
export const isWell = (findings: readonly Finding[]): boolean =>
  findings.every(({ level }) => level === "ok" || level === "advice");

/** Findings as a person reads them; the same advice is given once. */
export function describe(findings: readonly Finding[]): string {
  const told = new Set<string>();
  const lines = findings.map(({ level, says, next }) => {
    const line = `${words[level].padEnd(8)}${printable(says)}`;
    if (next === undefined || told.has(next)) return line;
    told.add(next);
    return `${line}\n${" ".repeat(8)}${next}`;
  });
  return lines.join("\n");
}

const words: Record<Level, string> = { ok: "ok", advice: "advice", missing: "MISSING", unknown: "UNKNOWN" };
