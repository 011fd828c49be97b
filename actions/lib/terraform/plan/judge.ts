import * as z from "zod";
import type { SlipwayError } from "../../core/errors.ts";
import type { EventLog } from "../run/events.ts";
import { serves, terraformVersion } from "../run/version.ts";
import { notTerraforms, printedJson } from "./json.ts";

const actions = z.array(z.string());

/**
 * What is read of a plan that `terraform show -json` prints:
 * https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
 */
const planFile = z.object({
  /** Terraform's own ruling: whether an apply of this plan does anything. */
  applyable: z.boolean(),
  /** Whether the plan stopped at an error. */
  errored: z.boolean(),
  resource_changes: z
    .array(
      z.object({
        address: z.string(),
        previous_address: z.string().optional(),
        change: z.object({ actions, importing: z.unknown().optional() }),
      }),
    )
    .default([]),
  output_changes: z.record(z.string(), z.object({ actions })).default({}),
});
/** A plan as Terraform keeps it in a file. */
export type PlanFile = z.infer<typeof planFile>;

/** Reads what `terraform show -json` printed. @throws SlipwayError with reason `terraform-wrapped` when it is not a plan */
export function parsePlan(stdout: string, program: string): PlanFile {
  return printedJson(planFile, stdout, "show -json", program);
}

/**
 * What an apply of the plan would do, as `aws_vpc.this: create` or `output.vpc_id: update`. A move, an import and a
 * resource that is only forgotten count: each of them is a change of the state.
 */
export function pendingChanges({ resource_changes: resources, output_changes: outputs }: PlanFile): string[] {
  const isPending = (found: readonly string[]) => found.some((action) => action !== "no-op");
  const changed = resources.flatMap(({ address, previous_address: before, change }) => {
    const what = [
      ...(isPending(change.actions) ? change.actions : []),
      ...(before === undefined || before === address ? [] : [`move from ${before}`]),
      ...(change.importing === undefined || change.importing === null ? [] : ["import"]),
    ];
    return what.length > 0 ? [`${address}: ${what.join(", ")}`] : [];
  });
  const values = Object.entries(outputs).filter(([, output]) => isPending(output.actions));
  return [...changed, ...values.map(([name, output]) => `output.${name}: ${output.actions.join(", ")}`)];
}

/** How a Terraform process ended, and what it told. */
export interface TerraformExit {
  code: number;
  events: EventLog;
  /** The path of what was started as Terraform. */
  program: string;
}

/**
 * Whether a plan has changes. The plan itself decides; the events and the exit code must say the same, because a wrapper
 * that turns exit code 2 into 0 would else make "no changes" of every change.
 *
 * @throws SlipwayError with reason `terraform-wrapped` naming the program and what does not agree
 */
export function judgePlan({ code, events, program }: TerraformExit, plan: PlanFile): boolean {
  refuseVersion(events, program);
  const pending = pendingChanges(plan);
  const changes = plan.applyable || pending.length > 0;
  const shown = pending.slice(0, 3).join("; ") + (pending.length > 3 ? `; and ${pending.length - 3} more` : "");
  const truth = changes ? `the plan that it wrote has changes (${shown})` : "the plan that it wrote has no changes";
  if (!events.summaries.has("plan"))
    throw notTerraforms(`"${program} plan -json" did not print the events of a plan, but ${truth}.`);
  if (changes !== (code === 2)) throw notTerraforms(`"${program} plan" ended with exit code ${code}, but ${truth}.`);
  if (events.changes > 0 && !changes)
    throw notTerraforms(`"${program} plan -json" printed ${events.changes} changes, but ${truth}.`);
  return changes;
}

/**
 * Why an apply did not come to its end; `undefined` when it did. Terraform prints the summary of an apply last, after
 * the state is written: without it nothing is believed, whatever the exit code.
 *
 * @param failed makes the error of an apply that Terraform itself calls failed
 */
export function judgeApply(
  { code, events, program }: TerraformExit,
  failed: () => SlipwayError,
): SlipwayError | undefined {
  const complete = events.errors.length === 0 && (events.summaries.has("apply") || events.summaries.has("destroy"));
  if (complete && code === 0) return undefined;
  if (code !== 0 && !complete) return failed();
  const told = complete ? "that the apply is complete" : "no summary of a complete apply";
  const errors = events.errors.length > 0 ? ` and ${events.errors.length} errors` : "";
  return notTerraforms(`"${program} apply" ended with exit code ${code}, but printed ${told}${errors}.`);
}

/** A shim may choose another version in each folder, so what has really run is asked of its events. */
function refuseVersion(events: EventLog, program: string): void {
  if (events.version === undefined || serves(events.version)) return;
  const { minimum, below } = terraformVersion;
  throw notTerraforms(
    `"${program} plan" ran Terraform ${events.version}; it must be from ${minimum} to below ${below}.`,
  );
}
