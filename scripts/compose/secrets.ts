import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { exists } from "../../actions/lib/core/files.ts";
import { imageName, type ComposeManifest, needsCluster } from "./manifests.ts";

/** What the module next to an app's Secret Job exports: the same values that the Job makes. */
interface SecretModule {
  secretValues(): Record<string, string>;
}

/**
 * The values of an app's Secret. In a cluster a Job makes them; here they are made by the same code, once, and kept for
 * as long as the app's volumes, whose data they open.
 *
 * @param repository the repository's root folder
 * @param folder where they are kept: readable for its owner alone
 * @returns nothing where no manifest asks for a Secret
 * @throws SlipwayError when nothing makes the Secret, or when the app needs other values than those that are kept
 */
export async function secretValues(
  repository: string,
  app: string,
  manifests: readonly ComposeManifest[],
  folder: string,
): Promise<Record<string, string>> {
  const names = secretNames(manifests);
  if (names.length === 0) return {};
  const made = await makeValues(repository, app, manifests);
  if (!made || names.length > 1)
    throw new SlipwayError(`${app} reads ${names.join(", ")}, and no code of it makes ${made ? "several" : "that"}.`, {
      next: "A Job that may talk to the cluster makes it: apps/<app>/<component>/src/secret-values.ts has its values.",
    });
  const path = join(folder, "secret.json");
  if (!(await exists(path))) await writeFile(path, JSON.stringify(made), { mode: 0o600 });
  const kept = JSON.parse(await readFile(path, "utf8")) as Record<string, string>;
  const missing = Object.keys(made).filter((key) => !(key in kept));
  if (missing.length > 0)
    throw new SlipwayError(`The kept passwords of ${app} lack ${missing.join(", ")}, which it needs by now.`, {
      next: `Begin again, without its data: ./slipway down --compose ${app} --volumes.`,
    });
  return kept;
}

/** The Secrets that the workloads read, by name, each once. */
function secretNames(manifests: readonly ComposeManifest[]): string[] {
  const names = manifests.flatMap(({ spec }) => {
    const pod = spec?.template?.spec;
    const volumes = pod?.volumes?.map((volume) => volume.secret?.secretName) ?? [];
    const variables = pod?.containers.flatMap(({ env = [], envFrom = [] }) => [
      ...env.map((each) => each.valueFrom?.secretKeyRef?.name),
      ...envFrom.map((each) => each.secretRef?.name),
    ]);
    return [...volumes, ...(variables ?? [])].filter((name) => name !== undefined);
  });
  return [...new Set(names)].sort();
}

async function makeValues(
  repository: string,
  app: string,
  manifests: readonly ComposeManifest[],
): Promise<Record<string, string> | undefined> {
  const image = imageName(manifests.find(needsCluster)?.spec?.template?.spec.containers[0]?.image ?? "");
  const file = join(repository, "apps", app, image.slice(app.length + 1), "src", "secret-values.ts");
  if (!image.startsWith(`${app}-`) || !(await exists(file))) return undefined;
  return ((await import(file)) as SecretModule).secretValues();
}
