import { parse } from "yaml";
import { type Config, environmentOf } from "../config/config.ts";
import { zoneOf } from "../config/names.ts";
import { type NodeGroup, nodeGroups } from "../config/nodes.ts";
import { SlipwayError } from "../core/errors.ts";
import { gitText } from "../git/git.ts";
import type { TerraformRoot } from "./root.ts";

/** Values for a root's variables, as `*.tfvars.json` holds them. A variable that is left out keeps its default. */
export type TerraformVariables = Record<
  string,
  string | number | boolean | readonly string[] | Record<string, string | NodeGroup>
>;

/**
 * What a root is told about this project.
 *
 * @param environment a name under `environments` of slipway.yaml; only the root `environment` reads it
 * @param imageNames the images that have a repository; only the root `registry` reads them
 * @throws SlipwayError when there is no such environment
 */
export function terraformVariables(
  config: Config,
  root: TerraformRoot,
  environment: string,
  imageNames: readonly string[],
): TerraformVariables {
  const common = { project: config.project, region: config.aws.region, account: config.aws.account };
  if (root === "registry") return { ...common, images: [...new Set(imageNames)].sort() };
  const { cluster, network, budget, domain, zone } = environmentOf(config, environment);
  const names = zoneOf({ domain, zone });
  return {
    ...common,
    environment,
    cluster_version: cluster.version,
    node_architecture: cluster.nodes.architecture,
    node_groups: nodeGroups(cluster.nodes),
    public_access_cidrs: cluster.publicAccessCidrs,
    ...(cluster.admins.length > 0 && { admins: [...cluster.admins].sort() }),
    vpc_cidr: network.cidr,
    nat: network.nat,
    budget_monthly_usd: budget.monthlyUsd,
    ...(budget.email === undefined ? {} : { budget_email: budget.email }),
    ...(domain === undefined || names === undefined ? {} : { domain, zone: names }),
  };
}

/** The machine-owned files of `gitops/` that name the images an environment runs. */
const releaseFile = /^gitops\/apps\/[^/]+\/overlays\/[^/]+\/images\/kustomization\.yaml$/;

/**
 * The images that must have a repository: those that `revision` can build, and those that an environment still runs
 * although their folder is gone. So a repository is only removed when nothing pulls from it any more.
 *
 * @param discovered the names of the images that `revision` can build
 * @returns sorted names
 * @throws SlipwayError when a release file cannot be read
 */
export async function registryImages(
  repository: string,
  revision: string,
  discovered: readonly string[],
): Promise<string[]> {
  const files = await gitText(repository, ["ls-tree", "-r", "-z", "--name-only", revision, "--", "gitops/apps/"]);
  const released = await Promise.all(
    files
      .split("\0")
      .filter((path) => releaseFile.test(path))
      .map(async (path) => imagesIn(path, await gitText(repository, ["cat-file", "blob", `${revision}:${path}`]))),
  );
  return [...new Set([...discovered, ...released.flat()])].sort();
}

function imagesIn(path: string, text: string): string[] {
  const unreadable = (cause?: unknown) =>
    new SlipwayError(`${path} does not list images by name.`, {
      next: "It is written by a release; restore it from git's history.",
      cause,
    });
  let document: { images?: ({ name?: unknown } | null)[] } | null;
  try {
    document = parse(text) as typeof document;
  } catch (cause) {
    throw unreadable(cause);
  }
  const images = document?.images ?? [];
  if (!Array.isArray(images)) throw unreadable();
  return images.map((image) => {
    if (typeof image?.name !== "string") throw unreadable();
    return image.name;
  });
}
