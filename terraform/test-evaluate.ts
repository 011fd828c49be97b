import type { Statement } from "../scripts/identities/policies.ts";

/** A request as IAM sees it. */
export interface AwsAttempt {
  /** Such as `eks:DeleteCluster`. */
  action: string;
  /** An ARN. */
  resource: string;
  /** The condition keys that the request has, by their names. */
  context: Readonly<Record<string, string>>;
}

const patterns = new Map<string, RegExp>();

/** Whether a text is what IAM's pattern says: `*` is any text, `?` any character. */
export function matches(pattern: string, text: string): boolean {
  let known = patterns.get(pattern);
  if (!known) {
    const source = pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".");
    known = new RegExp(`^${source}$`, "s");
    patterns.set(pattern, known);
  }
  return known.test(text);
}

const list = (value: string | readonly string[]) => (typeof value === "string" ? [value] : value);

/** How an operator compares one key's value, undefined when the request has none, with one value of the policy. */
const operators: Readonly<Record<string, (wanted: string, found: string | undefined) => boolean>> = {
  StringEquals: (wanted, found) => wanted === found,
  StringLike: (wanted, found) => found !== undefined && matches(wanted, found),
  ArnLike: (wanted, found) => found !== undefined && matches(wanted, found),
  ArnEqualsIfExists: (wanted, found) => found === undefined || matches(wanted, found),
  StringEqualsIfExists: (wanted, found) => found === undefined || wanted === found,
  Bool: (wanted, found) => wanted === found,
  Null: (wanted, found) => wanted === String(found === undefined),
};

/** How an operator compares each of a key's values, which commas divide; a request without the key fits. */
const everyValue: Readonly<Record<string, (wanted: readonly string[], found: string) => boolean>> = {
  "ForAllValues:StringEquals": (wanted, found) => wanted.includes(found),
  "ForAllValues:StringLike": (wanted, found) => wanted.some((each) => matches(each, found)),
  "ForAllValues:StringNotLike": (wanted, found) => !wanted.some((each) => matches(each, found)),
};

/**
 * Whether a statement allows an attempt, by IAM's rules: action, resource and every condition must match.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 *
 * @throws Error for an operator that it does not know
 */
export function allows(statement: Statement, { action, resource, context }: AwsAttempt): boolean {
  if (!list(statement.Action).some((pattern) => matches(pattern, action))) return false;
  if (!list(statement.Resource).some((pattern) => matches(pattern, resource))) return false;
  return Object.entries(statement.Condition ?? {}).every(([operator, keys]) => {
    const every = everyValue[operator];
    if (every)
      return Object.entries(keys).every(
        ([key, wanted]) => context[key]?.split(",").every((found) => every(list(wanted), found)) ?? true,
      );
    const compare = operators[operator];
    if (!compare) throw new Error(`The evaluator does not know ${operator}.`);
    return Object.entries(keys).every(([key, wanted]) => list(wanted).some((each) => compare(each, context[key])));
  });
}
