import type { Config } from "../config/config.ts";

/** The Terraform roots that the pipeline applies: folders under `terraform/`. */
export const terraformRoots = ["registry", "environment"] as const;
/** A Terraform root that the pipeline applies. */
export type TerraformRoot = (typeof terraformRoots)[number];

/** Where a root's state is kept. */
export interface StateLocation {
  bucket: string;
  /** The bucket's key of the state itself; its lock and its record of the last apply are kept next to it. */
  key: string;
  region: string;
}

/** The bucket that holds a project's states. */
export function stateBucket({
  project,
  account,
  region,
}: {
  project: string;
  account: string;
  region: string;
}): string {
  return `${project}-state-${account}-${region}`;
}

/** Where the state of `root` is kept; the registry has one state for the whole project. */
export function stateLocation(config: Config, root: TerraformRoot, environment: string): StateLocation {
  const { account, region } = config.aws;
  return {
    bucket: stateBucket({ project: config.project, account, region }),
    key: root === "registry" ? "registry/terraform.tfstate" : `environments/${environment}/terraform.tfstate`,
    region,
  };
}
