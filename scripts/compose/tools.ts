import { appendFile } from "node:fs/promises";
import { type ProcessOptions, type ProcessResult, run } from "../../actions/lib/core/process.ts";
import type { Docker } from "../rehearsal/docker/docker.ts";

/** Runs one program with these arguments. @throws ProcessError as `run` does */
export type RunTool = (args: readonly string[], options?: ProcessOptions) => Promise<ProcessResult>;

/** The programs that bring an app up. */
export interface ComposeTools {
  docker: RunTool;
  compose: RunTool;
  buildx: RunTool;
}

/** One of Docker's plugins: its folder where it is ours, none where `docker` finds it by itself. */
interface Plugin {
  folder: string | undefined;
}

/** Runs `docker` in a group of its own: Ctrl-C is ours, and what was started is ended in order. */
export function dockerCall(docker: Docker, more: ProcessOptions = {}): RunTool {
  return call(docker.command, [], { env: docker.environment, ownGroup: true, ...more });
}

/**
 * @param log the file that gets what the programs print
 * @param signal ends what runs when it aborts
 */
export function openTools(
  docker: Docker,
  plugins: { compose: Plugin; buildx: Plugin },
  log: string,
  signal: AbortSignal,
): ComposeTools {
  const options: ProcessOptions = {
    env: docker.environment,
    signal,
    killAfter: 10_000,
    ownGroup: true,
    onLine: (line) => void appendFile(log, `${line}\n`),
  };
  // By this, a plugin knows that it is not to take its own name for a command of its own
  // (https://github.com/docker/cli/blob/v28.5.1/cli-plugins/metadata/metadata.go).
  const env = { ...docker.environment, DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: docker.command };
  const plugin = (name: keyof typeof plugins) => {
    const { folder } = plugins[name];
    if (folder === undefined) return call(docker.command, [name], options);
    return call(`${folder}/docker-${name}`, [name], { ...options, env });
  };
  return { docker: dockerCall(docker, options), compose: plugin("compose"), buildx: plugin("buildx") };
}

function call(command: string, first: readonly string[], fixed: ProcessOptions): RunTool {
  return (args, options = {}) => run(command, [...first, ...args], { ...fixed, ...options });
}
