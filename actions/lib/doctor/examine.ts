import { SlipwayError } from "../core/errors.ts";
import type { DoctorCheck, Finding, FindingLevel, Subject } from "./finding.ts";

/** Milliseconds that a check may take. */
const patience = 30_000;

/**
 * Looks at everything at once; changes nothing. What cannot be looked at is a finding, too.
 *
 * @param checks told in this order
 */
export async function examine<S extends Pick<Subject, "before">>(
  checks: readonly DoctorCheck<S>[],
  subject: S,
): Promise<Finding[]> {
  const due = checks.filter((check) => subject.before === "delivery" || !check.needsBootstrap);
  const found = await Promise.all(due.map((check) => findingsOf(check, subject)));
  return found.flat();
}

async function findingsOf<S>(check: DoctorCheck<S>, subject: S): Promise<Finding[]> {
  const { id, title } = check;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const next = "Look again later, and at the network between here and there.";
      reject(new SlipwayError(`No answer came within ${patience / 1000} s.`, { next }));
    }, patience);
  });
  try {
    const found = await Promise.race([check.look(subject), late]);
    return found.map((each) => ({ check: id, title, ...each }));
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    const { message: says, next } = error;
    return [{ check: id, title, level: "not-looked-at", says, ...(next === undefined ? {} : { next }) }];
  } finally {
    clearTimeout(timer);
  }
}

/** Whether a delivery cannot work. */
export const blocks = (findings: readonly Finding[]): boolean => findings.some(({ level }) => level === "blocks");

/** Whether a delivery can work, and nobody gets further than they should, as far as could be seen. */
export const isWell = (findings: readonly Finding[]): boolean =>
  !findings.some(({ level }) => level === "blocks" || level === "unprotected");

/** How many findings there are of each level. */
export function countLevels(findings: readonly Finding[]): Record<FindingLevel, number> {
  const counts: Record<FindingLevel, number> = { blocks: 0, unprotected: 0, advice: 0, ok: 0, "not-looked-at": 0 };
  for (const { level } of findings) counts[level] += 1;
  return counts;
}
