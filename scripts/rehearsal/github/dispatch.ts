import { parse } from "yaml";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";

/** An input of `on.workflow_dispatch`, as far as GitHub checks it. */
interface DispatchInput {
  type?: "string" | "boolean" | "choice" | "number" | "environment";
  required?: boolean;
  default?: string | boolean | number;
  options?: string[];
}

type Dispatchable = { on?: { workflow_dispatch?: { inputs?: Record<string, DispatchInput> } | null } };

/**
 * The fields of GitHub's `workflow_dispatch` event that workflows and actions read
 * (https://docs.github.com/en/webhooks/webhook-events-and-payloads#workflow_dispatch), with defaults filled in.
 *
 * @param file the workflow's file name, and `text` what is in it
 * @param given the inputs that a person fills in
 * @throws SlipwayError where GitHub would refuse
 */
export function dispatchPayload(
  file: string,
  text: string,
  given: Readonly<Record<string, string>>,
  { repository, ref }: { repository: string; ref: string },
): object {
  const { on } = parse(text) as Dispatchable;
  if (on?.workflow_dispatch === undefined) throw new SlipwayError(`${file} cannot be started by hand.`);
  const declared = on.workflow_dispatch?.inputs ?? {};
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(declared, name));
  if (unknown !== undefined) throw new SlipwayError(`${file} has no input "${unknown}".`);
  const inputs = Object.entries(declared).map(([name, input]) => [name, valueOf(file, name, input, given[name])]);
  const [owner = "", repositoryName = ""] = repository.split("/");
  return {
    inputs: Object.fromEntries(inputs) as Record<string, string>,
    ref,
    workflow: `.github/workflows/${file}`,
    sender: { login: "person", type: "User" },
    repository: { name: repositoryName, full_name: repository, owner: { login: owner, name: owner } },
  };
}

function valueOf(file: string, name: string, input: DispatchInput, given: string | undefined): string {
  const value = given ?? String(input.default ?? (input.type === "boolean" ? false : ""));
  const allowed = input.type === "boolean" ? ["true", "false"] : input.type === "choice" ? input.options : undefined;
  if (input.required && value === "") throw new SlipwayError(`${file} must be given the input "${name}".`);
  if (allowed && !allowed.includes(value))
    throw new SlipwayError(`The input "${name}" of ${file} is "${value}". Allowed: ${allowed.join(", ")}.`);
  return value;
}
