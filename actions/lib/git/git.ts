import { gitEnvironment, type GitSetting } from "./environment.ts";
import { run, type ProcessOptions, type ProcessResult } from "../core/process.ts";

/** How a git process is started. */
export interface GitOptions extends ProcessOptions {
  /** Settings of git for this process, in addition to those that every one gets: see `gitEnvironment`. */
  settings?: readonly GitSetting[];
  /** Variables of git for this process, such as `GIT_INDEX_FILE`; those of `env` that name a repository are dropped. */
  variables?: NodeJS.ProcessEnv;
}

/**
 * Runs git in `directory`, in the environment that `gitEnvironment` makes of `options.env`.
 *
 * @throws ProcessError with git's own words when it fails
 */
export function git(directory: string, args: readonly string[], options: GitOptions = {}): Promise<ProcessResult> {
  const { settings, variables, env, ...rest } = options;
  const environment = { ...gitEnvironment(settings, env), ...variables };
  return run("git", args, { cwd: directory, ...rest, env: environment });
}

/** What git printed, without the last line's end. */
export async function gitText(directory: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  return (await git(directory, args, options)).stdout.trimEnd();
}
