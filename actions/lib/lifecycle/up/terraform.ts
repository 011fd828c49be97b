import { applyRoot } from "../../terraform/apply.ts";
import type { TerraformRoot } from "../../terraform/root.ts";
import type { Up } from "./up.ts";

/** What `terraform apply` of a root brings up. */
export function terraformUp(root: TerraformRoot): Up {
  return {
    root,
    by: `actions/infra, by terraform/${root}`,
    async act(state) {
      state.terraform = await applyRoot(state.request);
    },
  };
}
