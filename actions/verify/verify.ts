import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { explainFailure, failureError, failureMarkdown } from "../lib/argocd/failure.ts";
import type { RevisionFacts } from "../lib/argocd/judgement.ts";
import { type ObserverResult, observe } from "../lib/argocd/observer.ts";
import { publicUrls } from "../lib/argocd/urls.ts";
import { mask } from "../lib/aws/credentials.ts";
import type { Markdown } from "../lib/core/markdown.ts";
import { mapConcurrently } from "../lib/core/concurrency.ts";
import { messageOf } from "../lib/core/errors.ts";
import { throughOutages } from "../lib/git/outages.ts";
import {
  type DeploymentStatus,
  openGitHub,
  repositoryFromEnvironment,
  repositoryUrl,
  runUrl,
} from "../lib/github/github.ts";
import { carries, type Relation, type Released, type ReleasedApp, Releases } from "../lib/gitops/released.ts";
import { basicCredentials, remoteFromEnvironment } from "../lib/gitops/remote.ts";
import type { Kubernetes } from "../lib/kubernetes/kubernetes.ts";
import { type Proof, proofMarkdown, proofOf } from "./proof.ts";
import type { Registry } from "../lib/images/registry.ts";

/** What `verify` works with. */
export interface VerifyJob {
  /** A checkout of the repository. */
  directory: string;
  environment: string;
  branch: string;
  /** The release commit that has to be live; the branch's newest commit when left out. */
  commit?: string | undefined;
  /** GitHub's token; without one, nothing is told to GitHub, and only a remote that needs none can be read. */
  token?: string | undefined;
  /** How long everything may take. */
  minutes: number;
  kubernetes: () => Promise<Kubernetes>;
  registry: () => Promise<Pick<Registry, "keysOf">>;
  /** The folder that the proof is written into. */
  proofFolder: string;
  /** Ends it early. */
  signal: AbortSignal;
  report: {
    line: (text: string) => void;
    warning: (text: string) => void;
    summary: (markdown: Markdown) => Promise<void>;
  };
}

/** How a verification ended. */
export interface VerifyResult {
  /**
   * `proven`: all of it is live; `superseded`: a later release has replaced this one in an app at least; `nothing`: no
   * app has released images.
   */
  result: "proven" | "superseded" | "nothing";
  proof: Proof;
  /** The path of the proof. */
  file: string;
}

/** GitHub is given this time to take the last status, in milliseconds. */
const githubPatience = 8_000;

/**
 * Waits until what was released to an environment is live, and says so only then.
 *
 * @throws SlipwayError with a reason: that of an app's failure (see argocd/judgement.ts), `deadline`, `cancelled`,
 *   `no-argocd`, or why the cluster or the repository cannot be read
 */
export async function verify(job: VerifyJob): Promise<VerifyResult> {
  const { environment, token } = job;
  const deadline = AbortSignal.timeout(job.minutes * 60_000);
  if (token) {
    mask(token);
    mask(basicCredentials(token));
  }
  const remote = await remoteFromEnvironment({ branch: job.branch, token, directory: job.directory });
  await using releases = await Releases.open(remote, environment, job.directory);
  const cluster = job.kubernetes();
  cluster.catch(() => {}); // awaited below, where it is needed
  const released = await throughOutages(() => releases.read(job.commit));
  job.report.line(`To be live in ${environment}: ${released.commit.slice(0, 7)}, ${countOf(released)}.`);
  for (const { app, why } of released.skipped) job.report.line(`${app} is not looked at: ${why}.`);

  const tellGitHub = startDeployment(job, released);
  try {
    const proof = await waitForProof({ job, releases, released, cluster, deadline });
    const file = join(job.proofFolder, `slipway-proof-${environment}.json`);
    await writeFile(file, `${JSON.stringify(proof, null, 2)}\n`);
    await job.report.summary(proofMarkdown(proof, repositoryUrl()));
    const result = proof.superseded.length > 0 ? "superseded" : proof.apps.length > 0 ? "proven" : "nothing";
    await tellGitHub(
      result === "superseded"
        ? { state: "inactive", description: "Replaced by a later release before it was proven" }
        : { state: "success", description: "Proven live", environmentUrl: proof.apps.flatMap(({ urls }) => urls)[0] },
    );
    return { result, proof, file };
  } catch (error) {
    await tellGitHub({
      state: job.signal.aborted ? "error" : "failure",
      description: messageOf(error).split("\n")[0] ?? "",
    });
    throw error;
  }
}

/** One line that says how a verification ended. */
export function describeVerification(result: VerifyResult["result"], proof: Proof): string {
  const { environment, commit, apps, superseded } = proof;
  const release = `release ${commit.slice(0, 7)}`;
  const pods = apps.reduce((sum, app) => sum + app.pods.length, 0);
  switch (result) {
    case "proven":
      return `Proven: ${environment} runs ${release}, ${apps.map(({ app }) => app).join(", ")} in ${pods} pods.`;
    case "superseded":
      return `Not proven: ${superseded.map(({ app }) => app).join(", ")} in ${environment} has gone on from ${release} to a later one.`;
    case "nothing":
      return `Nothing to prove: no app has released images in ${environment}.`;
  }
}

function countOf({ apps }: Released): string {
  return apps.length === 0 ? "no app has released images" : apps.map(({ app }) => app).join(", ");
}

/** Asks git once about each commit. */
function revisionFacts(
  releases: Releases,
  own: string,
): (app: ReleasedApp, revision: string) => Promise<RevisionFacts> {
  const asked = new Map<string, Promise<Relation>>();
  return async (app, revision) => {
    const relation = asked.get(revision) ?? releases.relation(own, revision);
    asked.set(revision, relation);
    relation.catch(() => asked.delete(revision));
    const { contains, released } = await relation;
    return { contains, carries: carries(released, app) };
  };
}

/** What a proof is waited for with. */
interface Wait {
  job: VerifyJob;
  releases: Releases;
  released: Released;
  cluster: Promise<Kubernetes>;
  deadline: AbortSignal;
}

async function waitForProof({ job, releases, released, cluster, deadline }: Wait): Promise<Proof> {
  const { environment, minutes, report } = job;
  const parts = { environment, released, run: runUrl() };
  // Where nothing is released, there may be no cluster either.
  if (released.apps.length === 0)
    return proofOf({ ...parts, judgements: new Map(), keys: new Map(), urls: new Map(), provenAt: new Date() });
  const kubernetes = await cluster;
  const observation = await observe({
    kubernetes,
    commit: released.commit,
    apps: released.apps,
    factsOf: revisionFacts(releases, released.commit),
    signal: AbortSignal.any([deadline, job.signal]),
    log: report.line,
  });
  const provenAt = new Date();
  if (observation.outcome !== "settled") {
    const stop = job.signal.aborted ? "cancelled" : "deadline";
    const failure = await explainFailure(kubernetes, observation, { stop, minutes });
    await report.summary(failureMarkdown(failure, environment, observation));
    throw failureError(failure);
  }
  const apps = [...observation.apps];
  const judgements = new Map(apps.map(([app, { judgement }]) => [app, judgement]));
  const [keys, urls] = await Promise.all([contentKeys(job, released), addresses(kubernetes, observation)]);
  return proofOf({ ...parts, judgements, keys, urls, provenAt });
}

/** The public addresses of each app. */
async function addresses(kubernetes: Kubernetes, { apps }: ObserverResult): Promise<Map<string, string[]>> {
  const found = await mapConcurrently([...apps], 8, async ([app, { application }]) => {
    const namespace = application?.spec.destination.namespace;
    return [app, namespace === undefined ? [] : await publicUrls(kubernetes, namespace)] as const;
  });
  return new Map(found);
}

/** By image name. That an image is live does not depend on what ECR says of it. */
async function contentKeys(job: VerifyJob, { apps }: Released): Promise<Map<string, string[]>> {
  const images = apps.flatMap((app) => app.images);
  if (images.length === 0) return new Map();
  try {
    const registry = await job.registry();
    return new Map(
      await mapConcurrently(images, 16, async (image) => [image.name, await registry.keysOf(image)] as const),
    );
  } catch (error) {
    job.report.warning(`The proof has no content keys. ${messageOf(error)}`);
    return new Map();
  }
}

/**
 * Makes a deployment on GitHub, which goes on in parallel with everything else and never fails it.
 *
 * @returns what tells GitHub how it ended
 */
function startDeployment(job: VerifyJob, { apps, commit }: Released): (status: DeploymentStatus) => Promise<void> {
  const { token, environment } = job;
  if (!token || apps.length === 0) return async () => {};
  const description = apps.map(({ app }) => app).join(", ");
  const logUrl = runUrl();
  const warn = (error: unknown) => job.report.warning(`GitHub does not show this deployment. ${messageOf(error)}`);
  const started = (async () => {
    const github = await openGitHub(token, repositoryFromEnvironment());
    const deployment = await github.createDeployment({ commit, environment, description });
    await github.setDeploymentStatus(deployment, { state: "in_progress", description: "Waiting for Argo CD", logUrl });
    return (status: DeploymentStatus) => github.setDeploymentStatus(deployment, { ...status, logUrl });
  })().catch(warn);
  return async (status) => {
    const told = started.then((tell) => tell?.(status)).catch(warn);
    await Promise.race([told, sleep(githubPatience, undefined, { ref: false })]);
  };
}
