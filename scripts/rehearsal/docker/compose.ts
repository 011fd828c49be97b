import type { Note } from "../tools/go.ts";
import { type CliPlugin, ensureCliPlugin } from "./cli-plugin.ts";
import type { Docker } from "./docker.ts";

const path = "github.com/docker/compose/v2";

/** Docker's own Compose when it is new enough for `slipway up --compose`, else a compiled one; as `ensureCliPlugin`. */
export function ensureCompose(docker: Docker, log: string, note?: Note): Promise<CliPlugin> {
  const variables = (version: string) => ({ [`${path}/internal.Version`]: version });
  const program = { package: `${path}/cmd`, versionOf: path, variables };
  return ensureCliPlugin(docker, { name: "compose", oldest: "2.20", ...program }, log, note);
}
