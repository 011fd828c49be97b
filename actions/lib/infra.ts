import { warning } from "@actions/core";
import { type Installation, installArgoCd } from "./argocd/install.ts";
import { clusterAccess, clusterName } from "./cluster.ts";
import { messageOf } from "./errors.ts";
import { openGitHub, repositoryFromEnvironment } from "./github.ts";
import { openKubernetes } from "./kubernetes.ts";
import { type ApplyOutcome, type ApplyRequest, applyRoot, type InfraRequest, planRoot } from "./terraform/apply.ts";
import { cancellation } from "./terraform/cancellation.ts";
import { bootstrapTree, writeApplied } from "./terraform/fingerprint.ts";
import { stateLocation } from "./terraform/root.ts";
import { openStateStore } from "./terraform/state-store.ts";

/** How a root, and what belongs to it, was brought to what HEAD says. */
export interface InfraOutcome {
  terraform: ApplyOutcome;
  /** Absent where nothing was installed: the root has no cluster, or its Argo CD is as HEAD says. */
  argocd?: Installation;
}

/** Argo CD is up a minute after its images are pulled; an upgrade waits for its old pods. */
const installMinutes = 15;

/**
 * Applies a Terraform root and, for an environment, installs Argo CD in its cluster. Each is left out when it has
 * nothing to do; what fails is begun again by the next run, and what succeeded before it is not.
 *
 * @param install installs Argo CD; another one in tests
 * @throws SlipwayError as `applyRoot`, `clusterAccess` and `installArgoCd` do
 */
export async function applyInfra(request: ApplyRequest, install = installInCluster): Promise<InfraOutcome> {
  const began = Date.now();
  const terraform = await applyRoot(request);
  const { repository, config, root, environment, credentials, report } = request;
  if (root !== "environment" || !terraform.record.outputs.cluster_name) return { terraform };
  const installed = await bootstrapTree(repository, "HEAD");
  if (terraform.record.installed === installed) {
    report.line("Nothing that Argo CD is installed from has changed.");
    return { terraform };
  }
  using stop = cancellation({
    minutes: Math.min(installMinutes, request.minutes - (Date.now() - began) / 60_000),
    log: report.line,
    ...(request.signals ? { signals: request.signals } : {}),
    stopping: "The installation of Argo CD stops here.",
    remains: () => "It is stopping.",
  });
  const argocd = await install(request, stop.signal);
  const location = stateLocation(config, root, environment);
  const store = openStateStore({ ...location, credentials });
  await writeApplied(store, location.key, { ...terraform.record, installed });
  return { terraform, argocd };
}

async function installInCluster(request: InfraRequest, signal: AbortSignal): Promise<Installation> {
  const { repository, config, environment, credentials, report } = request;
  const name = clusterName(config, environment);
  const access = await clusterAccess({ name, region: config.aws.region, credentials });
  return installArgoCd({ kubernetes: openKubernetes(access), access, repository, environment, report, signal });
}

/**
 * Says what an apply would do, in the job summary and, for a pull request, in one comment on it.
 *
 * @param token GitHub's, for the comment; `""` for none
 * @returns whether Terraform would change anything
 * @throws SlipwayError as `planRoot` does; not for a comment that GitHub refuses
 */
export async function planInfra(request: InfraRequest, token: string): Promise<boolean> {
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
