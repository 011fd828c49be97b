import { SlipwayError } from "../../core/errors.ts";

/** Variables that change what Terraform does: https://developer.hashicorp.com/terraform/cli/config/environment-variables */
const deciding = /^TF_(VAR_.*|CLI_ARGS(_.*)?|WORKSPACE|REATTACH_PROVIDERS)$/;

/**
 * Refuses an environment that would change a plan without being part of its commit.
 *
 * @throws SlipwayError with reason `unseen-input` naming every such variable
 */
export function refuseEnvironment(env: NodeJS.ProcessEnv = process.env): void {
  const found = Object.keys(env).filter((name) => deciding.test(name) && env[name] !== "");
  if (found.length === 0) return;
  throw new SlipwayError(`Terraform would read ${found.sort().join(", ")} from the environment.`, {
    next: "Unset it: values come from slipway.yaml and terraform/, where a change is seen and applied. A provider mirror belongs into the file that TF_CLI_CONFIG_FILE names.",
    reason: "unseen-input",
  });
}
