import type { StateLocation } from "../root.ts";

/*
 * Terraform never takes the state's lock itself: the lock is ours for the whole of plan and apply (state-lock.ts).
 */
const unlocked = "-lock=false";

/** Arguments of `terraform init` for a root with a partial `backend "s3"`. */
export function initArguments({ bucket, key, region }: StateLocation): string[] {
  const backend = Object.entries({ bucket, key, region }).map(([name, value]) => `-backend-config=${name}=${value}`);
  return ["init", "-input=false", "-no-color", ...backend];
}

/** What a plan leads to. */
export interface PlannedChange {
  /** To what the files say when left out. */
  operation?: "apply" | "destroy";
  /** The addresses to destroy, with all that needs them; everything when left out. */
  targets?: readonly string[];
}

/** Arguments of a plan that is kept in `planFile`; exit code 2 means that there are changes. */
export function planArguments(options: PlannedChange & { variablesFile: string; planFile: string }): string[] {
  return [
    "plan",
    "-json",
    "-input=false",
    "-detailed-exitcode",
    unlocked,
    `-var-file=${options.variablesFile}`,
    `-out=${options.planFile}`,
    ...(options.operation === "destroy" ? ["-destroy"] : []),
    ...(options.targets ?? []).map((address) => `-target=${address}`),
  ];
}

/** Arguments that put the existing object `id` into the state as `address`. */
export function importArguments(options: { variablesFile: string; address: string; id: string }): string[] {
  return [
    "import",
    "-input=false",
    "-no-color",
    unlocked,
    `-var-file=${options.variablesFile}`,
    options.address,
    options.id,
  ];
}

/** Arguments that print a kept plan as people read it, sensitive values hidden. */
export function showArguments(planFile: string): string[] {
  return ["show", "-no-color", planFile];
}

/** Arguments that print a kept plan as JSON, sensitive values too. */
export function showJsonArguments(planFile: string): string[] {
  return ["show", "-json", "-no-color", planFile];
}

/** Arguments that apply a kept plan, and nothing else. */
export function applyArguments(planFile: string): string[] {
  return ["apply", "-json", "-input=false", unlocked, planFile];
}

/** Arguments that print every output with its value; sensitive values too. */
export function outputArguments(): string[] {
  return ["output", "-json", "-no-color"];
}

/** Arguments that take an object out of the state and leave it as it is. */
export function stateRemoveArguments(address: string): string[] {
  return ["state", "rm", unlocked, address];
}

/** Arguments that put a state file where the backend keeps the state. */
export function statePushArguments(file: string): string[] {
  return ["state", "push", unlocked, file];
}
