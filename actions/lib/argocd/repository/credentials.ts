import { type Kubernetes, KubernetesError } from "../../kubernetes/kubernetes.ts";
import type { ObjectMeta } from "../../kubernetes/objects.ts";
import { argocdNamespace } from "../application.ts";
import { unreadable } from "./complaint.ts";
import { followedRepository, openness } from "./followed.ts";

/** A GitHub App that may read a repository, as Argo CD takes it. */
export interface AppCredentials {
  /** The repository's address, as the Applications name it. */
  url: string;
  appId: string;
  installationId: string;
  /** PEM. */
  privateKey: string;
}

interface Secret {
  metadata: ObjectMeta;
  data?: Record<string, string>;
}

const secrets = `/api/v1/namespaces/${argocdNamespace}/secrets`;
const typeLabel = "argocd.argoproj.io/secret-type";
const secretName = "slipway-repository";

/** Fields with which Argo CD signs in: https://argo-cd.readthedocs.io/en/stable/operator-manual/argocd-repositories-yaml/ */
const signsIn = [
  "password",
  "bearerToken",
  "sshPrivateKey",
  "tlsClientCertData",
  "githubAppPrivateKey",
  "gcpServiceAccountKey",
];

/**
 * Gives Argo CD the key to a repository, in the cluster alone. Argo CD need not be there yet. Doing it again replaces the
 * key.
 *
 * @throws KubernetesError when the cluster refuses
 */
export async function giveCredentials(
  kubernetes: Kubernetes,
  { url, appId, installationId, privateKey }: AppCredentials,
): Promise<void> {
  const namespace = `/api/v1/namespaces/${argocdNamespace}`;
  if (!(await kubernetes.get(namespace)))
    await kubernetes
      .create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: argocdNamespace } })
      .catch((error: unknown) => {
        // The installation was faster.
        if (!(error instanceof KubernetesError) || error.status !== 409) throw error;
      });
  const body = {
    apiVersion: "v1",
    kind: "Secret",
    type: "Opaque",
    metadata: { name: secretName, namespace: argocdNamespace, labels: { [typeLabel]: "repository" } },
    stringData: {
      type: "git",
      url,
      githubAppID: appId,
      githubAppInstallationID: installationId,
      githubAppPrivateKey: privateKey,
    },
  };
  // Whoever has made it by hand before gives way.
  await kubernetes.patch(`${secrets}/${secretName}?force=true`, body, "apply");
}

/**
 * Whether Argo CD has credentials for a repository: its own, or those of a template that its address begins with.
 *
 * @throws KubernetesError when the cluster refuses
 */
export async function hasCredentials(kubernetes: Kubernetes, url: string): Promise<boolean> {
  const { items } = await kubernetes.list<Secret>(secrets, {
    labelSelector: `${typeLabel} in (repository, repo-creds)`,
  });
  return items.some(({ metadata, data = {} }) => {
    const theirs = sameForm(Buffer.from(data.url ?? "", "base64").toString("utf8"));
    const fits =
      metadata.labels?.[typeLabel] === "repository"
        ? theirs === sameForm(url)
        : theirs !== "" && sameForm(url).startsWith(theirs);
    return fits && signsIn.some((field) => data[field] !== undefined && data[field] !== "");
  });
}

/** An address as Argo CD compares it: `NormalizeGitURL` in its util/git/git.go. */
const sameForm = (url: string) =>
  url
    .trim()
    .toLowerCase()
    .replace(/\/$/, "")
    .replace(/\.git$/, "");

/**
 * Refuses a repository that Argo CD could not read, before anything waits for it.
 *
 * @param directory the checkout's path
 * @throws SlipwayError with reason `repository-unreadable` when it is private and the cluster has no key for it
 */
export async function refuseUnreadable(
  kubernetes: Kubernetes,
  directory: string,
  environment: string,
  signal: AbortSignal,
): Promise<void> {
  const url = await followedRepository(directory);
  if ((await openness(url, signal)) !== "closed" || (await hasCredentials(kubernetes, url))) return;
  throw unreadable(
    `Argo CD cannot read ${url}: it is private or not there, and the cluster has no key for it.`,
    environment,
  );
}
