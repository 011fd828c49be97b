import { cp, glob, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { renderImagesFile } from "../actions/lib/gitops/images-file.ts";

const root = join(import.meta.dirname, "..");

/** The repository's files that match a pattern, sorted. */
export async function list(pattern: string): Promise<string[]> {
  const found: string[] = [];
  for await (const path of glob(pattern, { cwd: root })) found.push(path);
  return found.sort();
}

/**
 * A copy of an app whose every component has been released to one environment, as the release action writes it.
 *
 * @param folder where the copy is made
 * @returns the copy's overlay
 */
export async function released(app: string, environment: string, folder: string): Promise<string> {
  const images = (await list(`apps/${app}/*/Dockerfile`)).map((dockerfile) => {
    const name = `${app}-${basename(dirname(dockerfile))}`;
    return {
      name,
      newName: `000000000000.dkr.ecr.us-east-1.amazonaws.com/slipway/${name}`,
      digest: `sha256:${"0".repeat(64)}`,
    };
  });
  const copy = join(folder, app);
  await cp(join(root, "gitops/apps", app), copy, { recursive: true });
  const overlay = join(copy, "overlays", environment);
  const file = renderImagesFile({ source: "0".repeat(40), images });
  await writeFile(join(overlay, "images/kustomization.yaml"), file);
  return overlay;
}
