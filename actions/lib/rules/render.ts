import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gitEnvironment } from "../git/environment.ts";
import { explainMissingKubectl } from "../kubernetes/kubectl.ts";
import { run } from "../core/process.ts";
import type { FileTexts } from "./kustomization.ts";

/**
 * Renders a folder with a kustomization.
 *
 * @param env the child's whole environment
 * @returns the manifests as YAML
 * @throws SlipwayError with kustomize's words
 */
export type Render = (folder: string, env?: NodeJS.ProcessEnv) => Promise<string>;

/** What kubectl's own kustomize renders. Helm, plugins, and files above a kustomization's folder stay forbidden. */
export const renderWithKubectl: Render = async (folder, env) => {
  const options = { timeout: 60_000, ...(env ? { env } : {}) };
  const { stdout } = await run("kubectl", ["kustomize", folder], options).catch((error: unknown) => {
    throw explainMissingKubectl(error);
  });
  return stdout;
};

/**
 * All that kustomize sees of this process: no secret, since a pull request says what is rendered. What gets past the check
 * of a kustomization's entries is fetched from nowhere.
 */
export function renderEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const nowhere = "http://127.0.0.1:9"; // the port "discard", where nothing listens
  const own = { PATH: env.PATH, HOME: tmpdir(), HTTP_PROXY: nowhere, HTTPS_PROXY: nowhere, GIT_ALLOW_PROTOCOL: "none" };
  return gitEnvironment([], own);
}

/** Files in a temporary folder, which goes with it. */
export interface WrittenFiles extends AsyncDisposable {
  /** Where a path from the repository's root is. */
  path(path: string): string;
}

/** Writes files below a new temporary folder. */
export async function writeTemporarily(files: FileTexts): Promise<WrittenFiles> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-rules-"));
  await Promise.all(
    [...new Set([...files.keys()].map(dirname))].map((each) => mkdir(join(folder, each), { recursive: true })),
  );
  await Promise.all([...files].map(([path, text]) => writeFile(join(folder, path), text)));
  return {
    path: (path) => join(folder, path),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
