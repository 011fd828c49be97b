import type { Config } from "../config.ts";

/** The Terraform roots that the pipeline applies: folders under `terraform/`. */
export const terraformRoots = ["registry", "environment"] as const;
/** A Terraform root that the pipeline applies. */
export type TerraformRoot = (typeof terraformRoots)[number];

/** Where a root's state is kept. */
export interface StateLocation {
  bucket: string;
  /** The bucket's key of the state itself; its lock and its record of the last apply are kept beside it. */
  key: string;
  region: string;
}

/** Where the state of `root` is kept; the registry has one state for the whole project. */
export function stateLocation(config: Config, root: TerraformRoot, environment: string): StateLocation {
  const { account, region } = config.aws;
  return {
    bucket: `${config.project}-state-${account}-${region}`,
    key: root === "registry" ? "registry/terraform.tfstate" : `environments/${environment}/terraform.tfstate`,
    region,
  };
}
