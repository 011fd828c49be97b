import type { ClusterFacts } from "../../argocd/cluster-facts.ts";
import type { ArgoCdInstallation } from "../../argocd/install.ts";
import type { ApplyOutcome, ApplyRequest } from "../../terraform/apply.ts";
import type { TerraformRoot } from "../../terraform/root.ts";

/** An environment, or the registry, on its way up; each stage leaves here what the next one needs. */
export interface UpState {
  request: ApplyRequest;
  /** When it began, in milliseconds since 1970. */
  began: number;
  /** Installs Argo CD; another one in tests. */
  install: (request: ApplyRequest, signal: AbortSignal, facts: ClusterFacts | undefined) => Promise<ArgoCdInstallation>;
  /** Absent until Terraform is done. */
  terraform?: ApplyOutcome;
  /** Absent where nothing was installed: the root has no cluster, or its Argo CD is as HEAD says. */
  argocd?: ArgoCdInstallation;
}

/** How a stage comes up. */
export interface Up {
  /** With which Terraform root. */
  root: TerraformRoot;
  /** By what, for a person. */
  by: string;
  /** Brings it up; nothing happens where it is as HEAD says. @throws SlipwayError with the reason */
  act(state: UpState): Promise<void>;
}
