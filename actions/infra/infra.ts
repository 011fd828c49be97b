import { type ClusterFacts } from "../lib/argocd/cluster-facts.ts";
import { type ArgoCdInstallation, installArgoCd } from "../lib/argocd/install.ts";
import { clusterAccess, clusterName } from "../lib/kubernetes/cluster.ts";
import { warning } from "../lib/core/runner-log.ts";
import { messageOf } from "../lib/core/errors.ts";
import { openGitHub, repositoryFromEnvironment } from "../lib/github/github.ts";
import { openKubernetes } from "../lib/kubernetes/kubernetes.ts";
import { refuseVersionJump } from "../lib/kubernetes/version-step.ts";
import { stages } from "../lib/lifecycle/stages.ts";
import type { UpState } from "../lib/lifecycle/up/up.ts";
import { type ApplyRequest, type InfraRequest, planRoot } from "../lib/terraform/apply.ts";
import { refuseDestroyed } from "../lib/terraform/destroyed.ts";

/**
 * Brings up the stages of a Terraform root: for an environment, Argo CD in its cluster is one. Each is left out when it
 * has nothing to do; what fails is started again by the next run, and what succeeded before it is not.
 *
 * @param install installs Argo CD; another one in tests
 * @throws SlipwayError with reason `environment-away`, or as `applyRoot`, `clusterAccess` and `installArgoCd` do
 */
export async function applyInfra(request: ApplyRequest, install = installInCluster): Promise<InfraOutcome> {
  const state: UpState = { request, install, began: Date.now() };
  // It may have been taken away while this run waited for its turn.
  await refuseDestroyed(request);
  for (const { up } of stages) if (up?.root === request.root) await up.act(state);
  const { terraform, argocd } = state;
  if (!terraform) throw new Error(`No stage applies terraform/${request.root}.`);
  return { terraform, ...(argocd && { argocd }) };
}

/** How the stages of a root came up. */
export type InfraOutcome = Required<Pick<UpState, "terraform">> & Pick<UpState, "argocd">;

async function installInCluster(
  request: InfraRequest,
  signal: AbortSignal,
  facts: ClusterFacts | undefined,
): Promise<ArgoCdInstallation> {
  const { repository, config, environment, credentials, report } = request;
  const name = clusterName(config, environment);
  const access = await clusterAccess({ name, region: config.aws.region, credentials });
  return installArgoCd({ kubernetes: openKubernetes(access), access, repository, environment, facts, report, signal });
}

/**
 * Says what an apply would do, in the job summary and, for a pull request, in one comment on it.
 *
 * @param token GitHub's, for the comment; `""` for none
 * @returns whether Terraform would change anything
 * @throws SlipwayError as `refuseVersionJump` and `planRoot` do; not for a comment that GitHub refuses
 */
export async function planInfra(request: InfraRequest, token: string): Promise<boolean> {
  if (request.root === "environment") await refuseVersionJump(request);
  const { changes, markdown } = await planRoot(request);
  await request.report.summary(markdown);
  const { context } = await import("@actions/github");
  const number = context.payload.pull_request?.number;
  if (number !== undefined && token !== "") {
    const github = await openGitHub(token, repositoryFromEnvironment());
    await github
      .upsertComment(number, `slipway-plan-${request.root}-${request.environment}`, markdown)
      .catch((error: unknown) => warning(`The plan is only in the job summary. ${messageOf(error)}`));
  }
  return changes;
}
