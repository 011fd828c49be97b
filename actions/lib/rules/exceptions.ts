import { SlipwayError } from "../core/errors.ts";
import { type AppViolation, rules } from "./rules.ts";

/** A rule that an app need not keep in an environment, as its overlay says. */
export interface Exception {
  app: string;
  /** The rule's id. */
  rule: string;
  /** Why, in the words of who made the exception. */
  reason: string;
  /** How many faults it excuses; 0 for one that is not needed (any more). */
  faults: number;
}

/** An annotation of the overlay's kustomization, before the rule's id. */
export const allowAnnotation = "slipway.dev/allow.";

/**
 * The exceptions among an overlay's annotations: reasons by rule.
 *
 * @param path the overlay's kustomization, only named in errors
 * @throws SlipwayError naming each exception of a rule that does not exist, and each without a reason
 */
export function readExceptions(annotations: Readonly<Record<string, string>>, path: string): Map<string, string> {
  const ids = new Set(rules.map(({ id }) => id));
  const problems: string[] = [];
  const exceptions = new Map<string, string>();
  for (const [name, value] of Object.entries(annotations)) {
    if (!/^slipway\.dev\/allow\b/.test(name)) continue;
    const rule = name.startsWith(allowAnnotation) ? name.slice(allowAnnotation.length) : "";
    if (!ids.has(rule)) problems.push(`${path}: ${name}: there is no such rule`);
    else if (value.trim() === "") problems.push(`${path}: ${name}: has no reason`);
    else exceptions.set(rule, value.trim());
  }
  if (problems.length > 0)
    throw new SlipwayError(`${problems.join(".\n")}.`, {
      next: `An exception is the annotation "${allowAnnotation}<rule>: <reason>"; a rule may be ${[...ids].sort().join(", ")}.`,
    });
  return exceptions;
}

/** Takes the faults away that exceptions excuse, and counts them. */
export function excuse(
  app: string,
  faults: readonly AppViolation[],
  reasons: ReadonlyMap<string, string>,
): { faults: AppViolation[]; exceptions: Exception[] } {
  return {
    faults: faults.filter(({ rule }) => !reasons.has(rule)),
    exceptions: [...reasons].map(([rule, reason]) => ({
      app,
      rule,
      reason,
      faults: faults.filter((fault) => fault.rule === rule).length,
    })),
  };
}
