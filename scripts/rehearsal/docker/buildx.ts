import { run } from "../../../actions/lib/process.ts";
import type { Docker } from "./docker.ts";
import { compile, isAtLeast, type OnProgress } from "../tools/go.ts";

/** The buildx that a world's `docker` has. */
export interface Buildx {
  /** The folder to name in Docker's `cliPluginsExtraDirs`; undefined where Docker finds buildx by itself. */
  folder: string | undefined;
  /** For example `v0.29.1`. */
  version: string;
}

/** The oldest buildx that the build action's options work with. */
const oldest = "0.12";

/**
 * Docker's own buildx when it is new enough, else one compiled from `scripts/toolbox/buildx`, once.
 *
 * @param log the file that gets what the compiler prints
 * @param onProgress told how many of how many packages are compiled
 */
export async function ensureBuildx(docker: Docker, log: string, onProgress?: OnProgress): Promise<Buildx> {
  const installed = await versionOf(docker.command, ["buildx", "version"], docker.environment);
  if (installed && isAtLeast(installed, oldest)) return { folder: undefined, version: installed };
  const path = "github.com/docker/buildx";
  const variables = (version: string) => ({ [`${path}/version.Version`]: version });
  const folder = await compile("buildx", [{ versionOf: path, file: "docker-buildx", variables }], log, onProgress);
  const compiled = await versionOf(`${folder}/docker-buildx`, ["buildx", "version"], process.env);
  return { folder, version: compiled ?? "unknown" };
}

async function versionOf(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const result = await run(command, args, { env, timeout: 15_000 }).catch(() => undefined);
  return /\bv\d+\.\d+\.\d+\S*/.exec(result?.stdout ?? "")?.[0];
}
