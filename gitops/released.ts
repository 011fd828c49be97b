import { cp, glob, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { parseAllDocuments } from "yaml";
import { renderImagesFile } from "../actions/lib/gitops/images-file.ts";
import type { Manifest } from "../actions/lib/rules/manifest.ts";

const root = join(import.meta.dirname, "..");

/** The repository's files that match a pattern, sorted. */
export async function list(pattern: string): Promise<string[]> {
  const found: string[] = [];
  for await (const path of glob(pattern, { cwd: root })) found.push(path);
  return found.sort();
}

/** The objects of a text of several YAML documents, such as kustomize's. */
export const manifestsOf = <Shape = Manifest>(text: string): Shape[] =>
  parseAllDocuments(text).map((document) => document.toJS() as Shape);

/** The names of an app's images. */
export async function componentsOf(app: string): Promise<string[]> {
  return (await list(`apps/${app}/*/Dockerfile`)).map((dockerfile) => `${app}-${basename(dirname(dockerfile))}`);
}

/** The folder `gitops` as it is on disk, with one app alone. */
export async function filesOf(app: string): Promise<Map<string, string>> {
  const paths = (await list("gitops/**/*.{yaml,env}")).filter(
    (path) => !path.startsWith("gitops/apps/") || path.startsWith(`gitops/apps/${app}/`),
  );
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(root, path), "utf8")] as const)),
  );
}

/** The machine-owned file after every component of an app has been released, as the release action writes it. */
export async function releasedImages(app: string): Promise<string> {
  return pinImages(await componentsOf(app));
}

/** The machine-owned file after images have been released. */
export function pinImages(names: readonly string[]): string {
  const images = names.map((name) => ({
    name,
    newName: `000000000000.dkr.ecr.us-east-1.amazonaws.com/slipway/${name}`,
    digest: `sha256:${"0".repeat(64)}`,
  }));
  return renderImagesFile({ source: "0".repeat(40), images });
}

/**
 * A copy of an app, with the kit, whose every component has been released to one environment.
 *
 * @param folder where the copy is made
 * @returns the copy's overlay
 */
export async function released(app: string, environment: string, folder: string): Promise<string> {
  const gitops = join(folder, app, "gitops");
  // The app's bases name the kit by relative paths.
  for (const part of ["kit", `apps/${app}`])
    await cp(join(root, "gitops", part), join(gitops, part), { recursive: true });
  const overlay = join(gitops, "apps", app, "overlays", environment);
  await writeFile(join(overlay, "images/kustomization.yaml"), await releasedImages(app));
  return overlay;
}
