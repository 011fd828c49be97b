import type * as z from "zod";
import { SlipwayError } from "../../core/errors.ts";

/**
 * The JSON document that Terraform printed. Wrappers and shims print lines of their own before and after it, which are
 * left out: `[command]/…/terraform-bin output -json`, for one
 * (https://github.com/hashicorp/setup-terraform/issues/20).
 *
 * @param command what was run, such as `output -json`; only named in the error
 * @param program Terraform's path; only named in the error
 * @throws SlipwayError with reason `terraform-wrapped`; it never repeats what was printed, which may hold secrets
 */
export function printedJson<T extends z.ZodType>(
  schema: T,
  stdout: string,
  command: string,
  program: string,
): z.infer<T> {
  const lines = stdout.split("\n").map((line) => line.trimEnd());
  const first = lines.findIndex((line) => line.startsWith("{"));
  const last = lines.findLastIndex((line) => line.endsWith("}"));
  let json: unknown;
  try {
    json = JSON.parse(lines.slice(first, last + 1).join("\n"));
  } catch {
    json = undefined;
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw notTerraforms(`"${program} ${command}" did not print the JSON that Terraform prints.`);
}

/** An error for a program that does not pass on what Terraform says. @param message what was seen, with the program's path */
export function notTerraforms(message: string): SlipwayError {
  return new SlipwayError(message, {
    next: 'Put Terraform itself on PATH instead of a wrapper or shim (hashicorp/setup-terraform: "terraform_wrapper: false"), then run this again.',
    reason: "terraform-wrapped",
  });
}
