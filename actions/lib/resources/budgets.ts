import type { Budget, Budgets } from "@aws-sdk/client-budgets";
import { defineKind, unlessGone } from "./resource.ts";

const gone = ["NotFoundException"];

/** The budget that warns of the environment's costs; free. */
export const budgets = defineKind<Budgets, Budget>({
  name: "budget",
  title: "budget",
  arn: { service: "budgets", resource: /^budget\/(.+)$/ },
  gone,
  open: async (settings) => new (await import("@aws-sdk/client-budgets")).Budgets(settings),
  // A role may only look at the project's own budgets, and this is the name of the only one.
  async *list(budgets, { account, clusterName }) {
    const asked = { AccountId: account, BudgetName: clusterName };
    const answer = await unlessGone(gone, budgets.describeBudget(asked));
    yield answer?.Budget ? [answer.Budget] : [];
  },
  get: async (budgets, name, _arn, { account }) =>
    (await budgets.describeBudget({ AccountId: account, BudgetName: name })).Budget,
  describe: ({ BudgetName: name = "?", BudgetLimit: limit }, { account, clusterName }) => ({
    id: `arn:aws:budgets::${account}:budget/${name}`,
    name,
    marks: { named: name === clusterName },
    facts: limit?.Amount ? { limit: `${limit.Amount} ${limit.Unit ?? ""}`.trim() } : {},
  }),
  remove: (budgets, name, _resource, { account }) => budgets.deleteBudget({ AccountId: account, BudgetName: name }),
});
