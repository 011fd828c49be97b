import { setTimeout as sleep } from "node:timers/promises";
import { giveCredentials } from "../../actions/lib/argocd/repository/credentials.ts";
import { followedRepository } from "../../actions/lib/argocd/repository/followed.ts";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import type { Kubernetes } from "../../actions/lib/kubernetes/kubernetes.ts";
import { findInstallation, pemOf, readPrivateKey } from "./github-app.ts";

/** What a person gives. */
export interface GiveOptions {
  /** The clone's folder. */
  directory: string;
  environment: string;
  /** `owner/name`, as slipway.yaml has it. */
  repository: string;
  /** The App's id on GitHub, digits. */
  appId: string;
  /** The path of its private key. */
  privateKey: string;
  /** The cluster, once it answers; undefined while there is none. */
  cluster: () => Promise<Kubernetes | undefined>;
  /** Whether to wait for a cluster that is not there yet. */
  wait: boolean;
  log: (line: string) => void;
  /** Milliseconds between two looks; fifteen seconds when left out. */
  interval?: number;
}

/** What Argo CD was given; the key is not part of it. */
export interface Given {
  environment: string;
  url: string;
  appId: string;
  installationId: string;
}

/**
 * Gives Argo CD a GitHub App's key for the repository that it follows. The key is checked first; nothing is written where it
 * does not fit.
 *
 * @throws SlipwayError for a bad key, another repository, or where there is no cluster and nobody wants to wait
 */
export async function giveRepository(options: GiveOptions): Promise<Given> {
  const { directory, environment, repository, appId, privateKey, log } = options;
  if (!/^[1-9]\d*$/.test(appId))
    throw new SlipwayError(`--app-id is ${JSON.stringify(appId)}.`, {
      next: 'It is the number next to "App ID" on the App\'s page.',
    });
  const url = await followedRepository(directory);
  if (
    !url
      .toLowerCase()
      .replace(/\.git$/, "")
      .endsWith(`/${repository.toLowerCase()}`)
  )
    throw new SlipwayError(`Argo CD follows ${url}, and slipway.yaml says ${repository}.`, {
      next: "Run ./slipway bootstrap, which writes both, and push.",
    });
  const key = await readPrivateKey(privateKey, directory);
  const installationId = await findInstallation({ appId, key, repository });
  log(`GitHub knows the App ${appId}: installation ${installationId} may read ${repository}.`);
  await giveCredentials(await awaited(options), { url, appId, installationId, privateKey: pemOf(key) });
  return { environment, url, appId, installationId };
}

async function awaited({ cluster, wait, environment, log, interval = 15_000 }: GiveOptions): Promise<Kubernetes> {
  for (let told = false; ; told = true) {
    const found = await cluster().catch((error: unknown) => {
      // EKS shows a cluster long before its API answers.
      if (wait && error instanceof SlipwayError && /^cluster-(not-active|unreachable)$/.test(error.reason ?? ""))
        return undefined;
      throw error;
    });
    if (found) return found;
    if (!wait)
      throw new SlipwayError(`${environment} has no cluster yet.`, {
        next: "Run this with --wait, and push meanwhile: the key is there before Argo CD asks for it.",
        reason: "no-cluster",
      });
    if (!told) log(`Waiting for the cluster of ${environment}, which a delivery makes; Ctrl-C ends this.`);
    await sleep(interval);
  }
}
