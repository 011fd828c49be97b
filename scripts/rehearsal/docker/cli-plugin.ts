import { join } from "node:path";
import { run } from "../../../actions/lib/core/process.ts";
import { compile, type GoProgram, isAtLeast, type Note } from "../tools/go.ts";
import type { Docker } from "./docker.ts";

/** A plugin that a world's `docker` has. */
export interface CliPlugin {
  /** The folder to name in Docker's `cliPluginsExtraDirs`; undefined where Docker finds the plugin by itself. */
  folder: string | undefined;
  /** For example `v0.29.1`. */
  version: string;
}

/** Which plugin is wanted. */
export interface WantedPlugin extends Omit<GoProgram, "file"> {
  /** Docker's command that it serves, and the module in `scripts/toolbox` that compiles it. */
  name: string;
  /** The oldest version that serves here, for example `0.12`. */
  oldest: string;
}

/**
 * Docker's own plugin when it is new enough, else one compiled from `scripts/toolbox`, once.
 *
 * @param log the file that gets what the compiler prints
 * @param note told how far the compiler is
 */
export async function ensureCliPlugin(
  docker: Docker,
  { name, oldest, ...program }: WantedPlugin,
  log: string,
  note?: Note,
): Promise<CliPlugin> {
  const own = await run(docker.command, [name, "version"], { env: docker.environment, timeout: 15_000 }).catch(
    () => {},
  );
  const installed = parseVersion(own?.stdout ?? "");
  if (installed && isAtLeast(installed, oldest)) return { folder: undefined, version: installed };
  const file = `docker-${name}`;
  const folder = await compile(name, [{ ...program, file }], log, note);
  // What Docker itself asks a plugin (https://github.com/docker/cli/blob/v28.4.0/cli-plugins/metadata/metadata.go).
  const about = await run(join(folder, file), ["docker-cli-plugin-metadata"], { timeout: 15_000 });
  return { folder, version: (JSON.parse(about.stdout) as { Version: string }).Version };
}

/** The first version in a plugin's words; some distributions leave its `v` out. */
export function parseVersion(text: string): string | undefined {
  return /(?<=\s)v?\d+\.\d+\.\d+\S*/.exec(text)?.[0];
}
