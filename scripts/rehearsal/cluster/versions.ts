import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { environmentOf, readConfig } from "../../../actions/lib/config/config.ts";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";
import { clusterVersions } from "./programs.ts";

/** One program, as it was rehearsed and as production will have it. */
export interface VersionRow {
  what: string;
  /** For example `v1.34.2`. */
  rehearsed: string;
  /** As exactly as production pins it: `1.35` where AWS chooses the patch. */
  production: string;
  same: boolean;
}

/** Versions of what a world took from elsewhere than the toolbox, for example of a `rancher/k3s` image. */
export type OtherVersions = Partial<Record<"kubernetes" | "argocd", string>>;

/**
 * The versions that are rehearsed along with those that production pins: Kubernetes as `slipway.yaml` has it for the
 * environment, Argo CD as `gitops/bootstrap/argocd` has it.
 *
 * @param repository the root folder of the rehearsed repository
 * @param others versions that are not the toolbox's
 * @throws SlipwayError when a file names no version, or `slipway.yaml` no such environment
 */
export async function versionTable(
  repository: string,
  environment: string,
  others: OtherVersions = {},
): Promise<VersionRow[]> {
  const rehearsed = { ...(await clusterVersions()), ...others };
  const { cluster } = environmentOf(await readConfig(join(repository, "slipway.yaml")), environment);
  return [
    row("Kubernetes", rehearsed.kubernetes, cluster.version),
    row("Argo CD", rehearsed.argocd, await installedArgocd(repository)),
  ];
}

/** The version of Argo CD that the repository installs, for example `v3.2.11`. @throws SlipwayError when it names none */
export async function installedArgocd(repository: string): Promise<string> {
  const file = "gitops/bootstrap/argocd/kustomization.yaml";
  const text = await readFile(join(repository, file), "utf8");
  const found = /\/argoproj\/argo-cd\/\/[\w/-]+\?ref=(v\d+\.\d+\.\d+\S*)$/m.exec(text)?.[1];
  if (!found)
    throw new SlipwayError(`${file} names no version of Argo CD.`, {
      next: "Its resources need https://github.com/argoproj/argo-cd//manifests/cluster-install?ref=v<version>.",
    });
  return found;
}

/** A version is the same when it has every number of the pinned one: `v1.35.2+k3s1` is a `1.35`. */
function row(what: string, rehearsed: string, production: string): VersionRow {
  const [had, pinned] = [rehearsed, production].map((version) => version.replace(/^v/, "").split(/[.+-]/));
  return { what, rehearsed, production, same: pinned?.every((number, index) => number === had?.[index]) ?? false };
}
