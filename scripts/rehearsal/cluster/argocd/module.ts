import { chmod, copyFile } from "node:fs/promises";
import { join } from "node:path";
import { moduleFolder, pinnedVersion } from "../../tools/go.ts";

const module = "github.com/argoproj/argo-cd/v3";

/** Argo CD's Go module at the version that the toolbox pins. @returns the version, for example `v3.6.1`, and the module's folder */
export async function argocdModule(): Promise<{ version: string; folder: string }> {
  const version = await pinnedVersion("argocd", module);
  return { version, folder: await moduleFolder(module, version) };
}

/**
 * Puts the scripts into a folder that the repository server calls by their names: since 3.6, it asks for a commit's
 * signature always, and takes no manifest where the script is missing.
 */
export async function copyArgocdScripts(folder: string): Promise<void> {
  const { folder: source } = await argocdModule();
  for (const name of ["gpg-wrapper.sh", "git-verify-wrapper.sh"]) {
    await copyFile(join(source, "hack", name), join(folder, name));
    // A Go module keeps no modes.
    await chmod(join(folder, name), 0o755);
  }
}
