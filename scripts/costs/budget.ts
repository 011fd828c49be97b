import type { Config } from "../../actions/lib/config/config.ts";

/**
 * What a person should know of budgets that warn nobody, as a sentence.
 *
 * @param names only of these environments; of all when left out
 * @returns undefined when each of them has an e-mail address
 */
export function unwatchedBudgets(config: Config, names = Object.keys(config.environments)): string | undefined {
  const unwatched = names.filter((name) => config.environments[name]?.budget.email === undefined);
  if (unwatched.length === 0) return undefined;
  const keys = unwatched.map((name) => `environments.${name}.budget.email`).join(", ");
  return `Nobody is warned of what ${unwatched.join(", ")} ${unwatched.length === 1 ? "costs" : "cost"}: slipway.yaml has no ${keys}.`;
}
