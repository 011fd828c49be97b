import * as core from "@actions/core";
import { printableInRunner } from "./printable.ts";

/*
 * The only printer of our actions. Much of what they print comes from others: Docker, Terraform, git, pods, commits. So
 * nothing reaches the runner's log before what the runner would take for a command is broken.
 */

/** Prints a line, or several. */
export const info = (text: string): void => core.info(printableInRunner(text));
/** Prints a line that only shows where debugging is on. */
export const debug = (text: string): void => core.debug(printableInRunner(text));
/** Annotates the run with a notice. */
export const notice = (text: string): void => core.notice(printableInRunner(text));
/** Annotates the run with a warning. */
export const warning = (text: string): void => core.warning(printableInRunner(text));
/** Annotates the run with an error; the step does not fail by it. */
export const error = (text: string): void => core.error(printableInRunner(text));
/** Fails the step, with an error. */
export const setFailed = (text: string): void => core.setFailed(printableInRunner(text));
/** Folds away what `work` prints under a name. */
export const group = <T>(name: string, work: () => Promise<T>): Promise<T> =>
  core.group(printableInRunner(name).replaceAll("\n", " "), work);

/** Hides a secret from the runner's log, in each form in which this printer may print it. */
export function setSecret(secret: string): void {
  for (const form of new Set([secret, printableInRunner(secret)])) core.setSecret(form);
}
