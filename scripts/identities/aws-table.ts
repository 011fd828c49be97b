import { markdownTable, ownMarkdown } from "../../actions/lib/core/markdown.ts";
import { type Policies, readPolicies, type PipelineRole, type Statement } from "./policies.ts";

/** Stand for every project's and environment's names; the tables show them in angle brackets. */
const names = {
  project: "PROJECT",
  region: "REGION",
  account: "ACCOUNT",
  repository: "OWNER/NAME",
  branch: "BRANCH",
  environments: ["ENVIRONMENT"],
  domains: { ENVIRONMENT: "DOMAIN" },
};

/** What every role in the AWS account may do at most, as Markdown, derived from terraform/bootstrap. */
export async function awsTables(): Promise<string> {
  const { roles, handedOut } = await readPolicies(names);
  const order = ["plan", "deploy", "apply-ENVIRONMENT"];
  const rest = Object.keys(roles).filter((name) => !order.includes(name));
  const parts = [...order, ...rest].map((name) => section(name, roles));
  return [...parts, handedOutSection(handedOut)].join("\n\n");
}

function section(name: string, roles: Policies["roles"]): string {
  const role = roles[name];
  if (!role) throw new Error(`terraform/bootstrap has no role ${name}.`);
  const plan = name === "plan" ? undefined : roles.plan;
  const shared = Object.keys(role.policies).filter(
    (policy) => plan && JSON.stringify(role.policies[policy]) === JSON.stringify(plan.policies[policy]),
  );
  const statements = Object.entries(role.policies).flatMap(([policy, each]) => (shared.includes(policy) ? [] : each));
  const table = markdownTable(
    ["May", "Of", "If"],
    statements.map((each) => row(each).map(ownMarkdown)),
  );
  const all = shared.length > 0 ? [`It reads everything that ${code("PROJECT-plan")} reads. Besides:`] : [];
  return [`#### ${code(`PROJECT-${name}`)}`, takenOnBy(role), ...all, table].join("\n\n");
}

function takenOnBy({ subjects, claims }: PipelineRole): string {
  const claim = Object.entries({ sub: subjects, ...claims }).map(
    ([name, values]) => `- ${code(name)}: ${values.map(code).join(" or ")}`,
  );
  return `For a token of GitHub with all of\n\n${claim.join("\n")}`;
}

function row({ Action, Resource, Condition = {} }: Statement): string[] {
  const byService = Map.groupBy([Action].flat(), (action) => action.split(":")[0] ?? "");
  const actions = [...byService].map(([service, each]) => {
    const short = each.map((action) => action.slice(service.length + 1)).sort();
    return `${service}: ${short.join(", ")}`;
  });
  const conditions = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => condition(operator, key, [values].flat())),
  );
  return [actions.join("\n"), [Resource].flat().map(resource).join("\n"), conditions.join("\n")];
}

/** An ARN without what all have: partition, region and account. */
const resource = (arn: string) => code(arn.replace(/^arn:aws:([^:]*):[^:]*:[^:]*:/, "$1 "));

function condition(operator: string, key: string, values: readonly string[]): string {
  const either = values.map(code).join(" or ");
  if (operator === "Null") return `${code(key)} is ${values[0] === "true" ? "not there" : "there"}`;
  const absent = operator.endsWith("IfExists") ? ", or is not there" : "";
  const each = operator.startsWith("ForAllValues:") ? "each of " : "";
  const not = operator.includes("Not") ? " not" : "";
  return `${each}${code(key)} is${not}${operator.includes("Like") ? " like" : ""} ${either}${absent}`;
}

function handedOutSection(policies: readonly string[]): string {
  return [
    `#### ${code("PROJECT-ENVIRONMENT.*")}`,
    "The roles of a cluster, its nodes and its add-ons. An apply role makes them, says who may take them on, and can give" +
      " them nothing but these policies of AWS, some of which are for the whole account, and where the environment has a" +
      " domain, to ExternalDNS the one that `bootstrap` made: the records `*.<domain>` of its zone, one label before it:",
    policies.map((policy) => `- ${code(policy)}`).join("\n"),
  ].join("\n\n");
}

/** As code, with names that stand for any in angle brackets. */
function code(text: string): string {
  return `\`${text.replaceAll(/(?<![A-Z])(PROJECT|REGION|ACCOUNT|OWNER|NAME|BRANCH|ENVIRONMENT|DOMAIN)(?![A-Z])/g, (name) => `<${name.toLowerCase()}>`)}\``;
}
