import { SlipwayError } from "../errors.ts";
import { ProcessError } from "../process.ts";

/** The remote did not answer, or not as git does: another attempt may succeed. */
export class Unreachable extends SlipwayError {}

/**
 * What a failed fetch or push means: `raced` and `unreachable` are worth another attempt, everything else is
 * an error that says what to do.
 */
export function judgeFailure(error: unknown, output = ""): "raced" | "unreachable" | SlipwayError {
  const text = `${output}\n${error instanceof ProcessError ? error.stderr : ""}`;
  if (/^!\t.*\((fetch first|non-fast-forward|stale info)\)/m.test(text)) return "raced";
  // Another push won between the server's announcement and its lock of the branch.
  if (/\[remote rejected\].*(cannot lock ref|failed to update ref|incorrect old value|failed to lock)/.test(text))
    return "raced";
  if (
    /Authentication failed|could not read Username|error: 40[13]|Permission .*denied|Write access .* not granted/.test(
      text,
    )
  )
    return new SlipwayError(`GitHub refused the token: ${lastLine(text)}`, {
      next: 'The job needs "permissions: { contents: write }" and the input "token".',
      reason: "push-refused",
      cause: error,
    });
  if (/\[remote rejected\]|GH006|GH013|hook declined/.test(text))
    return new SlipwayError(`The branch does not take the release: ${lastLine(text)}`, {
      next: 'Where it is protected, set "git.release: pull-request" in slipway.yaml.',
      reason: "push-refused",
      cause: error,
    });
  const absent = /couldn't find remote ref (\S+)/.exec(text)?.[1];
  if (absent)
    return new SlipwayError(`The repository has no ${absent}.`, {
      next: "Mend git.branch in slipway.yaml, or push the branch.",
      cause: error,
    });
  const unknown = /not our ref ([0-9a-f]+)/.exec(text)?.[1];
  if (unknown)
    return new SlipwayError(`The repository has no commit ${unknown}.`, {
      next: "Push the commit that is to be released first.",
      cause: error,
    });
  if (/not found|does not (exist|appear to be a git repository)/i.test(text))
    return new SlipwayError(`The repository to release to cannot be read: ${lastLine(text)}`, {
      next: "Mend GITHUB_REPOSITORY or the remote, and look at the token's permissions.",
      cause: error,
    });
  return "unreachable";
}

function lastLine(text: string): string {
  const lines = text.split("\n").filter((line) => /rejected|fatal:|remote: |error:/.test(line));
  return (lines.findLast((line) => /rejected|fatal:/.test(line)) ?? lines.at(-1) ?? text).trim().replaceAll("\t", " ");
}
