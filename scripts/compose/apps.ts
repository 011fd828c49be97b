import { glob } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { overlayPaths } from "../../actions/lib/gitops/paths.ts";
import type { Render } from "../rehearsal/tools/kustomize.ts";
import { type ComposeManifest, readManifests } from "./manifests.ts";

/** An app of the working tree, as an environment has it. */
export interface App {
  name: string;
  manifests: ComposeManifest[];
  /** The folders of its images, by image name: `apps/<app>/<component>`. */
  images: Map<string, string>;
}

/**
 * The apps that are asked for; the only one there is when none is.
 *
 * @param repository the repository's root folder
 * @throws SlipwayError naming the apps there are
 */
export async function findApps(
  repository: string,
  names: readonly string[],
  environment: string,
  render: Render,
): Promise<App[]> {
  const known: string[] = [];
  const { overlay } = overlayPaths("*", environment);
  for await (const path of glob(overlay, { cwd: repository })) known.push(path.split("/")[2] ?? "");
  const choice = `Allowed: ${known.sort().join(", ") || "none, because no folder of gitops/apps has an overlay for it"}.`;
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new SlipwayError(`There is no app "${unknown}" in ${environment}.`, { next: choice });
  if (names.length === 0 && known.length !== 1)
    throw new SlipwayError(`Which app of ${environment} is not said.`, { next: choice });
  const wanted = names.length > 0 ? [...new Set(names)] : known;
  return Promise.all(wanted.map((name) => openApp(repository, name, environment, render)));
}

async function openApp(repository: string, name: string, environment: string, render: Render): Promise<App> {
  const images = new Map<string, string>();
  for await (const path of glob(`apps/${name}/*/Dockerfile`, { cwd: repository }))
    images.set(`${name}-${basename(dirname(path))}`, dirname(path));
  const text = await render(join(repository, dirname(overlayPaths(name, environment).overlay)));
  return { name, manifests: readManifests(text), images };
}
