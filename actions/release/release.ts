import { mask } from "../lib/aws/credentials.ts";
import { link, safe, type Markdown, paragraphs, text } from "../lib/core/markdown.ts";
import { SlipwayError } from "../lib/core/errors.ts";
import { gitText } from "../lib/git/git.ts";
import { openGitHub, type PullRequest, repositoryFromEnvironment, runUrl } from "../lib/github/github.ts";
import type { WantedImage } from "../lib/gitops/changes.ts";
import { changesTable, releaseTitle } from "../lib/gitops/message.ts";
import { type ReleaseOutcome, releaseToGit } from "../lib/gitops/release.ts";
import { basicCredentials, remoteFromEnvironment } from "../lib/gitops/remote.ts";
import type { KeyParts } from "../lib/images/content-key.ts";
import { discoverImages } from "../lib/images/image.ts";
import type { Registry, RegistryImage } from "../lib/images/registry.ts";

/** What a release asks of the registry. */
export type ReleaseRegistry = Pick<Registry, "find" | "repositoryUri">;

/** What `release` works with. */
export interface ReleaseJob {
  /** The checkout of the source commit. */
  directory: string;
  environment: string;
  /** What is part of the images' keys. */
  keys?: KeyParts;
  branch: string;
  mode: "push" | "pull-request";
  /** GitHub's token; without one, only a remote that needs none can be released to. */
  token?: string | undefined;
  registry: ReleaseRegistry;
  log: (line: string) => void;
}

/** How a release ended, with its pull request where one was asked for. */
export interface ReleaseResult extends ReleaseOutcome {
  pullRequest?: PullRequest;
}

/**
 * Releases every image of the checkout's commit to an environment, after asking the registry for their digests.
 *
 * @throws SlipwayError when an image is not in the registry, or nothing could be committed
 */
export async function release(job: ReleaseJob): Promise<ReleaseResult> {
  const { directory, environment, keys, branch, mode, token } = job;
  if (token) {
    mask(token);
    mask(basicCredentials(token));
  }
  const [source, images, remote] = await Promise.all([
    gitText(directory, ["rev-parse", "HEAD"]),
    wantedImages(directory, job.registry, keys),
    remoteFromEnvironment({ branch, token, directory }),
  ]);
  const run = runUrl();
  const outcome = await releaseToGit({
    remote,
    request: { environment, source, images, run },
    findDigests: async (wanted) => digestsOf(await job.registry.find(wanted)),
    checkout: directory,
    ...(keys && { keys }),
    mode,
    onRetry: job.log,
  });
  if (outcome.result !== "proposed" || !outcome.branch) return outcome;
  if (!token) throw new SlipwayError("A release by pull request needs a token.", { next: 'Give the input "token".' });
  const github = await openGitHub(token, repositoryFromEnvironment());
  const pullRequest = await github.upsertPullRequest({
    head: outcome.branch,
    base: branch,
    title: releaseTitle(environment, outcome.images),
    body: paragraphs(
      changesTable(outcome.images),
      text(beforeMerge),
      text(afterMerge),
      safe`Source: ${text(source)}`,
      run ? safe`Run: ${link(run)}` : safe``,
    ),
  });
  return { ...outcome, pullRequest };
}

async function wantedImages(directory: string, registry: ReleaseRegistry, keys?: KeyParts): Promise<WantedImage[]> {
  const images = await discoverImages(directory, "HEAD", process.env, keys);
  const found = await registry.find(images);
  return images.map(({ name, app, key }) => ({
    name,
    app,
    key,
    repository: registry.repositoryUri(name),
    digest: found.get(name)?.digest,
  }));
}

function digestsOf(images: ReadonlyMap<string, RegistryImage>): Map<string, string> {
  return new Map([...images].map(([name, { digest }]) => [name, digest]));
}

/**
 * GitHub starts no workflow by itself for what a job's own token does; of a pull request that it opened, the runs wait for
 * somebody with write access: https://docs.github.com/en/actions/concepts/security/github_token#when-github_token-triggers-workflow-runs
 */
const beforeMerge =
  'Where the branch requires the check "Checked", press "Approve workflows to run" below: GitHub holds the workflows of a ' +
  "pull request back that a workflow's own token has opened.";

/** What GitHub does not do by itself: a merge that changes only machine-owned files starts no delivery. */
const afterMerge = "Once it is merged, run the workflow deliver by hand to have it proven.";

/** One line that says how the release ended. */
export function describeRelease(result: ReleaseResult, environment: string): string {
  const commit = result.commit.slice(0, 7);
  switch (result.result) {
    case "released":
      return `Released to ${environment} in ${commit}.`;
    case "proposed":
      return `Proposed for ${environment} in pull request #${result.pullRequest?.number} (${result.pullRequest?.url}). ${afterMerge}`;
    case "unchanged":
      return `Nothing to release: ${environment} has these images already.`;
    case "held":
      return `Nothing to release: what differs in ${environment} is held.`;
    case "superseded":
      return `Nothing released: ${environment} has images of ${result.newer?.slice(0, 7)}, which this commit does not contain.`;
  }
}

/** The job summary: how it ended, and a row for each image. */
export function releaseSummary(result: ReleaseResult, environment: string): Markdown {
  const attempts = result.attempts > 1 ? safe` It took ${result.attempts} attempts.` : safe``;
  const how = safe`${text(describeRelease(result, environment))}${attempts}`;
  return paragraphs(safe`### Release`, how, changesTable(result.images));
}
