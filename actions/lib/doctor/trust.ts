import * as z from "zod";

/** What a token says, by the claim's name; undefined where nobody knows, which meets every condition. */
export type TokenClaims = Readonly<Record<string, string | undefined>>;

const list = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

const statement = z.object({
  Effect: z.string(),
  Action: list.optional(),
  Principal: z.unknown().optional(),
  Condition: z.record(z.string(), z.record(z.string(), list)).optional(),
});

const document = z.object({ Statement: z.union([statement, z.array(statement)]).transform((value) => [value].flat()) });

/** GitHub's issuer, as the names of condition keys begin. */
export const issuer = "token.actions.githubusercontent.com";

/**
 * Whether a role's trust policy lets a token take the role on, as far as IAM decides it from the token alone.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 *
 * @param policy the role's AssumeRolePolicyDocument, decoded
 * @param provider the ARN of the OIDC provider
 * @returns false also for a policy that cannot be read, or has an operator that is not known here
 */
export function trusts(policy: string, provider: string, claims: TokenClaims): boolean {
  const parsed = document.safeParse(json(policy));
  if (!parsed.success) return false;
  const about = parsed.data.Statement.filter((each) => concerns(each, provider));
  const met = (each: z.infer<typeof statement>) => conditionsMet(each.Condition ?? {}, claims);
  return (
    about.some((each) => each.Effect === "Allow" && met(each)) &&
    !about.some((each) => each.Effect === "Deny" && met(each))
  );
}

function concerns({ Action = [], Principal }: z.infer<typeof statement>, provider: string): boolean {
  const actions = Action.some((action) => like(action.toLowerCase(), "sts:assumerolewithwebidentity"));
  const federated = (Principal as { Federated?: unknown } | null)?.Federated;
  return actions && (Principal === "*" || [federated].flat().includes(provider));
}

function conditionsMet(
  condition: Readonly<Record<string, Readonly<Record<string, string[]>>>>,
  claims: TokenClaims,
): boolean {
  return Object.entries(condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => {
      const [from, claim = ""] = key.split(/:(.*)/s);
      const given = from?.toLowerCase() === issuer ? claims[claim] : undefined;
      const plain = operator.replace(/^ForAnyValue:/, "").replace(/IfExists$/, "");
      if (given === undefined && claim in claims) return true;
      if (given === undefined) return operator.endsWith("IfExists");
      if (plain === "StringEquals") return values.includes(given);
      if (plain === "StringEqualsIgnoreCase")
        return values.some((value) => value.toLowerCase() === given.toLowerCase());
      if (plain === "StringLike") return values.some((value) => like(value, given));
      if (plain === "StringNotEquals") return !values.includes(given);
      if (plain === "StringNotLike") return !values.some((value) => like(value, given));
      return false;
    }),
  );
}

/** IAM's patterns: `*` is any text, `?` any character. */
function like(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(text);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
