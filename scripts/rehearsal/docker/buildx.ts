import type { Note } from "../tools/go.ts";
import { type CliPlugin, ensureCliPlugin } from "./cli-plugin.ts";
import type { Docker } from "./docker.ts";

const path = "github.com/docker/buildx";

/** Docker's own buildx when it knows the build action's options, else a compiled one; as `ensureCliPlugin`. */
export function ensureBuildx(docker: Docker, log: string, note?: Note): Promise<CliPlugin> {
  const variables = (version: string) => ({ [`${path}/version.Version`]: version });
  return ensureCliPlugin(docker, { name: "buildx", oldest: "0.12", versionOf: path, variables }, log, note);
}
