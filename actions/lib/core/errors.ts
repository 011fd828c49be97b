import type { CommandReason, FailureReason } from "./reasons.ts";

/** What a failed operation tells its reader, and what a workflow may branch on. */
export interface FailureDetails {
  /** What to do next, one sentence. */
  next?: string;
  /** A stable, kebab-case word for the `failure-reason` output, for example `state-locked`. */
  reason?: FailureReason | CommandReason;
  cause?: unknown;
}

/**
 * An error that a user can act on: its message says what failed and where, `next` what to do.
 * Everything else that is thrown is a defect of Slipway and is reported with its stack.
 */
export class SlipwayError extends Error {
  override readonly name = "SlipwayError";
  readonly next: string | undefined;
  readonly reason: FailureReason | CommandReason | undefined;

  constructor(message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.next = details.next;
    this.reason = details.reason;
  }
}

/** The text of an unknown thrown value, without its stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** One line for a person: the message, then the next step when there is one. */
export function explain(error: unknown): string {
  if (error instanceof SlipwayError) return error.next ? `${error.message} ${error.next}` : error.message;
  if (error instanceof Error) return error.stack ?? error.message;
  return String(error);
}
