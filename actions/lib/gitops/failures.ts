import { SlipwayError } from "../core/errors.ts";
import type { FailureReason } from "../core/reasons.ts";
import { ProcessError } from "../core/process.ts";

/** The remote did not answer, or not as git does: another attempt may succeed. */
export class Unreachable extends SlipwayError {}

/** What a refusal means that no other attempt changes, and what to do about it. */
interface Refusal {
  pattern: RegExp;
  /** What failed, before git's own line. */
  what: string;
  next: string;
  reason?: FailureReason;
}

const refused: FailureReason = "push-refused";
const notTaken = "The branch does not take the release";

/**
 * Every final refusal; the first that matches counts. The GH codes are GitHub's:
 * https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository
 */
const refusals: readonly Refusal[] = [
  {
    pattern: /archived so it is read-only|repository (is|has been) (archived|locked|disabled)|repository is read-only/i,
    what: "The repository takes no pushes",
    next: "Unarchive or unlock it in its settings.",
    reason: refused,
  },
  {
    pattern: /GH001|exceeds? GitHub's file size limit|file size limit/i,
    what: "A file is too large for the repository",
    next: "Make it smaller, or keep it in Git LFS.",
    reason: refused,
  },
  {
    pattern: /push protection|secret scanning|Push cannot contain secrets/i,
    what: "Push protection found a secret in the release",
    next: "Take the secret out of the file that the message names, and replace it where it is used.",
    reason: refused,
  },
  {
    pattern: /GH013|repository rule violations|push rules?\b/i,
    what: notTaken,
    next: 'Let the rules of the repository pass the workflow, or set "git.release: pull-request" in slipway.yaml.',
    reason: refused,
  },
  {
    pattern: /GH006|protected branch/i,
    what: notTaken,
    next: 'Where it is protected, set "git.release: pull-request" in slipway.yaml.',
    reason: refused,
  },
  {
    pattern:
      /Authentication failed|could not read (Username|Password)|returned error: 40[13]\b|Permission (to \S+ )?denied|Write access .* not granted|Invalid username or (password|token)|SAML SSO/i,
    what: "GitHub refused the token",
    next: 'The job needs "permissions: { contents: write }" and the input "token".',
    reason: refused,
  },
  {
    // A hook, a permission or a setting of the server, in the reason that it gives for the branch.
    pattern:
      /\bGH\d{3}\b|\[remote rejected\].*\(.*(declined|den(y|ied)|prohibited|protected|forbidden|refus|not (allowed|permitted)|violat|non-fast-forward|checked out|hidden ref).*\)/i,
    what: notTaken,
    next: 'Look at the hooks and rules of the repository; where the branch is protected, set "git.release: pull-request" in slipway.yaml.',
    reason: refused,
  },
  {
    pattern:
      /repository '.*' not found|Repository not found|returned error: 404\b|does not appear to be a git repository|repository .* does not exist/i,
    what: "The repository to release to cannot be read",
    next: "Correct GITHUB_REPOSITORY or the remote, and check the token's permissions.",
  },
];

/** A server that is in trouble says so also where a refusal is expected, for example by a hook that it cannot run. */
const trouble =
  /rate limit|internal (server |api )?error|server error|unavailable|unreachable|not accessible|timed? ?out|temporar(y|ily)|try again (later|in)|too many requests/i;

/** Another push was faster: it came first, or holds the branch at this moment. */
const race = [
  /^!\t.*\[rejected\].*\((fetch first|non-fast-forward|stale info|needs force)\)/m,
  /cannot lock ref|failed to update ref|incorrect old value|failed to lock|reference already exists/,
];

/**
 * What a failed fetch or push means. Refusals that no other attempt changes are named; all else is worth another one.
 *
 * @returns `raced` when another push was faster, `unreachable` when the remote or the way to it fails, or the error
 *   that says what to do
 */
export function judgeFailure(error: unknown, output = ""): "raced" | "unreachable" | SlipwayError {
  // git itself did not start.
  if (error instanceof ProcessError && (error.cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT")
    return error;
  const text = `${output}\n${error instanceof ProcessError ? error.stderr : ""}`;
  const absent = /couldn't find remote ref (\S+)/.exec(text)?.[1];
  if (absent)
    return new SlipwayError(`The repository has no ${absent}.`, {
      next: "Correct git.branch in slipway.yaml, or push the branch.",
      cause: error,
    });
  const unknown = /not our ref ([0-9a-f]+)/.exec(text)?.[1];
  if (unknown)
    return new SlipwayError(`The repository has no commit ${unknown}.`, {
      next: "Push the commit that is to be released first.",
      cause: error,
    });
  const refusal = refusals.find(({ pattern }) => pattern.test(text));
  if (refusal && (/\bGH\d{3}\b/.test(text) || !trouble.test(text)))
    return new SlipwayError(`${refusal.what}: ${lastLine(text)}${reasonsIn(text)}`, {
      next: refusal.next,
      ...(refusal.reason === undefined ? {} : { reason: refusal.reason }),
      cause: error,
    });
  return race.some((pattern) => pattern.test(text)) ? "raced" : "unreachable";
}

/** Why the server refuses, in its own words: hooks and rules print them before git's own line. */
function reasonsIn(text: string): string {
  const said = text.split("\n").flatMap((line) => /^remote:\s*(?:error:\s*)?(.*\w.*)$/.exec(line)?.[1]?.trim() ?? []);
  return said.length > 0 ? ` (the server said: ${said.slice(0, 3).join("; ")})` : "";
}

/** The line of git's words that says most. */
export function lastLine(text: string): string {
  const lines = text.split("\n").filter((line) => /rejected|fatal:|remote: |error:/.test(line));
  return (lines.findLast((line) => /rejected|fatal:/.test(line)) ?? lines.at(-1) ?? text).trim().replaceAll("\t", " ");
}
