import { type Policies, readPolicies, type Statement } from "../../identities/policies.ts";
import { allows, matches } from "../../../terraform/test-evaluate.ts";
import { type Dependent, dependentsOf } from "./dependent.ts";
import { elsewhere, refusedOnPurpose } from "./elsewhere.ts";
import { neededInOurName } from "./in-our-name.ts";
import { placeholders, type RecordedCall } from "./record.ts";

/** A statement of one of a role's policies. */
export interface Placed {
  role: string;
  policy: string;
  statement: Statement;
}

const list = (value: string | readonly string[]) => (typeof value === "string" ? [value] : value);

/** The roles' policies as terraform/bootstrap makes them, with the record's placeholders for the names. */
export async function readStatements(): Promise<Placed[]> {
  const { project, environment, account, region, domain } = placeholders;
  const policies: Policies = await readPolicies({
    project,
    region,
    account,
    repository: "OWNER/NAME",
    branch: "BRANCH",
    environments: [environment],
    domains: { [environment]: domain },
  });
  return Object.entries(policies.roles).flatMap(([role, { policies: named }]) =>
    Object.entries(named).flatMap(([policy, statements]) =>
      statements.map((statement) => ({ role, policy, statement })),
    ),
  );
}

/** The calls, and everything that must be allowed in addition to each. */
export async function everythingNeeded(calls: readonly RecordedCall[]): Promise<(RecordedCall | Dependent)[]> {
  const needed: (RecordedCall | Dependent)[] = [];
  for (const call of calls) needed.push(call, ...neededInOurName(call), ...(await dependentsOf(call)));
  const seen = new Set<string>();
  return needed.filter(({ role, action, resource, context }) => {
    const key = JSON.stringify([role, action, resource, context]);
    return !seen.has(key) && seen.add(key);
  });
}

/** What no statement allows and nobody means to be refused, a line each. */
export function refused(statements: readonly Placed[], needed: readonly (RecordedCall | Dependent)[]): string[] {
  return needed
    .filter((need) => !statements.some(({ role, statement }) => role === need.role && allows(statement, need)))
    .filter(({ role, action, resource }) => !isOnPurpose(role, `${action} ${resource}`))
    .map(({ role, action, resource, context, ...more }) => {
      const keys = Object.entries(context).map(([key, value]) => ` ${key}=${value}`);
      return `${role} ${action} ${resource}${keys.join("")}${"because" in more ? ` (${more.because})` : ""}`;
    });
}

const isOnPurpose = (role: string, call: string) =>
  refusedOnPurpose.some((each) => each.role === role && each.call.test(call));

/**
 * Each action of each statement that neither a call nor the table in elsewhere.ts needs, as `role policy/Sid action`. A
 * statement that several roles have alike is needed where one of them needs it: a pull request's plan reads with the role
 * that plans what an apply reads with its own, and the doctor looks with the role of whatever job failed.
 */
export function unneeded(statements: readonly Placed[], needed: readonly RecordedCall[]): string[] {
  const same = Map.groupBy(statements, ({ policy, statement }) => JSON.stringify([policy, statement]));
  return [...same.values()].flatMap((each) => {
    const roles = each.map(({ role }) => role);
    const [{ policy, statement }] = each as [Placed];
    const users = needed.filter((need) => roles.includes(need.role) && allows(statement, need));
    const name = `${policy}/${statement.Sid}`;
    const others = elsewhere.flatMap((one) => (one.statement === name ? one.actions : []));
    return list(statement.Action)
      .filter((pattern) => !users.some(({ action }) => matches(pattern, action)))
      .filter((pattern) => !others.some((other) => matches(other, pattern)))
      .map((pattern) => `${roles.join(", ")} ${name} ${pattern}`);
  });
}
