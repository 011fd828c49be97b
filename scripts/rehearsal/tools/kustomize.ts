import { run } from "../../../actions/lib/core/process.ts";
import type { Render } from "../../../actions/lib/rules/render.ts";
import { cacheFolder } from "./cache.ts";
import { compile } from "./go.ts";
import { ensureEnvironment } from "./python.ts";
import { findProgram } from "./system.ts";

export type { Render };

/**
 * kubectl's own kustomize, else kustomize compiled from `scripts/toolbox/kustomize`, once.
 *
 * @param log the file that gets what the compiler prints
 * @param env of kustomize, and of the git that it fetches remote bases with
 */
export async function ensureKustomize(log: string, env: NodeJS.ProcessEnv = process.env): Promise<Render> {
  const kubectl = await findProgram("kubectl");
  const [command, verb] = kubectl ? [kubectl, "kustomize"] : [await compileKustomize(log), "build"];
  return async (folder, given) => (await run(command, [verb, folder], { timeout: 60_000, env: given ?? env })).stdout;
}

/** As `ensureKustomize`, which it asks when there is something to render. */
export const renderAnywhere: Render = async (folder, env) =>
  (await ensureKustomize(cacheFolder("kustomize.log")))(folder, env);

/** kustomize compiled from `scripts/toolbox/kustomize`, once. @param log the file that gets what the compiler prints */
export async function compileKustomize(log: string): Promise<string> {
  const path = "sigs.k8s.io/kustomize/kustomize/v5";
  const folder = await compile("kustomize", [{ package: path, versionOf: path, file: "kustomize" }], log);
  return `${folder}/kustomize`;
}

/** What a check against Kubernetes' schemas found: nothing when all is well, else one line for each fault. */
export type CheckSchemas = (file: string, version: string) => Promise<string[]>;

/** Checks manifests against the schemas of a Kubernetes version; a field that it does not know is a fault, too. */
export async function ensureSchemas(): Promise<CheckSchemas> {
  const bin = await ensureEnvironment("requirements-manifests.txt");
  return async (file, version) => {
    const { code, stdout, stderr } = await run(
      `${bin}/kubernetes-validate`,
      ["-k", version, "--strict", "--quiet", file],
      { okCodes: [0, 1], timeout: 120_000 },
    );
    const lines = `${stdout}\n${stderr}`.split("\n").filter(Boolean);
    return code === 0 ? [] : lines.length > 0 ? lines : ["refused without a word"];
  };
}
