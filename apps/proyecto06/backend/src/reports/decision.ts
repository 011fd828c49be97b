import type { RunOutcome, RunReport, RunIdentity } from "@slipway/contract";
import { Problem, type WorkflowClaims } from "@slipway/kit";

/** Whether a run or a stage with this outcome goes on no more. */
export const hasEnded = (outcome: RunOutcome) => outcome !== "waiting" && outcome !== "running";

/** What is known of a run before a report of it. */
export interface KnownRun {
  outcome: RunOutcome;
  finishedAt: Date | null;
  /** Of the last whole report; null while only stages were reported. */
  hash: Buffer | null;
}

/**
 * Whether a report replaces what is known: not when it says the same, when it would make an ended run run again, or when
 * the run is known to have ended later than it says. Without a whole report nothing is known that counts.
 */
export function replaces(known: KnownRun | undefined, report: Pick<RunReport, "outcome" | "finishedAt">, hash: Buffer) {
  if (!known?.hash) return true;
  if (known.hash.equals(hash)) return false;
  if (!hasEnded(known.outcome)) return true;
  if (!hasEnded(report.outcome)) return false;
  return !known.finishedAt || !report.finishedAt || Date.parse(report.finishedAt) >= known.finishedAt.getTime();
}

/** The token's own run. */
export function identityOf(claims: WorkflowClaims): RunIdentity {
  return {
    repository: claims.repository,
    run: claims.run_id,
    attempt: Number(claims.run_attempt),
    commit: claims.sha,
    branch: claims.ref.replace(/^refs\/(heads|tags)\//, ""),
    actor: claims.actor,
  };
}

/** Whose run a report is of, and whether it is the run that the token speaks for. */
export interface ReportedRun {
  identity: RunIdentity;
  own: boolean;
}

/**
 * Whose run a report is of. The token's own run is as the token says; an earlier one of the same repository and branch,
 * whose report could not be sent in time, is as the report says.
 *
 * @throws Problem 403 for a run of another repository or branch, or one that is later than the token's
 */
export function reportedRun(given: RunIdentity, claims: WorkflowClaims): ReportedRun {
  const identity = identityOf(claims);
  if (given.repository.toLowerCase() !== identity.repository.toLowerCase())
    throw new Problem(403, "The report is of another repository than the token.");
  if (given.run === identity.run && given.attempt === identity.attempt) return { identity, own: true };
  if (given.branch !== identity.branch) throw new Problem(403, "The report is of another branch than the token.");
  const earlier =
    given.run === identity.run ? given.attempt < identity.attempt : BigInt(given.run) < BigInt(identity.run);
  if (!earlier) throw new Problem(403, "The report is of a later run than the token's.");
  return { identity: { ...given, repository: identity.repository }, own: false };
}
