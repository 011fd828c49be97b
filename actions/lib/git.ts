import { type RunOptions, type RunResult, run } from "./process.ts";

/** Runs git in `directory`. @throws ProcessError with git's own words when it fails */
export function git(directory: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return run("git", args, { cwd: directory, ...options });
}

/** What git printed, without the last line's end. */
export async function gitText(directory: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return (await git(directory, args, options)).stdout.trimEnd();
}
