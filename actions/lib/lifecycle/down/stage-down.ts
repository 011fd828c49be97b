import { setTimeout as sleep } from "node:timers/promises";
import { awsFailure } from "../../aws/credentials.ts";
import { messageOf, SlipwayError } from "../../core/errors.ts";
import { KubernetesError } from "../../kubernetes/kubernetes.ts";
import { formatDuration } from "../../core/summary.ts";
import { isAwsError } from "../aws-error.ts";
import type { LifecycleStage } from "../stage.ts";
import type { Down, Remaining, Teardown } from "./down.ts";

/** A stage that goes down. */
export type DownStage = Pick<LifecycleStage, "name"> & { down: Down };

/** How a stage went down. */
export interface DownRecord {
  name: string;
  /** `none`: there was nothing to take away. */
  result: "none" | "gone" | "failed";
  milliseconds: number;
  /** What was there when it began. */
  found: Remaining[];
}

/** What a stage that failed leaves its reader. */
export class StageFailure extends SlipwayError {
  readonly stage: string;
  readonly remaining: readonly Remaining[];

  constructor(
    stage: string,
    remaining: readonly Remaining[],
    message: string,
    details: ConstructorParameters<typeof SlipwayError>[1],
  ) {
    super(message, details);
    this.stage = stage;
    this.remaining = remaining;
  }
}

/** The pauses between looks, in milliseconds: short while things go, longer while nothing does. */
export interface Pauses {
  shortest: number;
  longest: number;
}

/** What AWS does takes seconds to minutes; a request every ten seconds is not a load for its quotas. */
export const usualPauses: Pauses = { shortest: 500, longest: 10_000 };

/** How many lines of what is left a message shows. */
const told = 10;

/**
 * Takes a stage away: looks what is left, asks for it to go, looks again, until nothing is left.
 *
 * @param record filled while it goes on, so that it is there after a failure too
 * @throws StageFailure with reason `teardown-deadline` naming what is left and what holds it; `cancelled`; or that of
 * what kept it from looking or asking
 */
export async function takeDown(
  stage: DownStage,
  teardown: Teardown,
  record: DownRecord,
  pauses: Pauses,
): Promise<void> {
  const { name, down } = stage;
  const began = Date.now();
  const deadline = began + down.minutes * 60_000;
  let before = "";
  let pause = pauses.shortest;
  // What the last look found, for whoever reads of a failure.
  const last: { remaining: Remaining[] } = { remaining: [] };
  try {
    for (let round = 0; ; round += 1) {
      const remaining = await down.remaining(teardown);
      last.remaining = remaining;
      if (round === 0) record.found = remaining;
      if (remaining.length === 0) break;
      teardown.signal.throwIfAborted();
      if (Date.now() > deadline) throw late(name, down, remaining);
      const seen = remaining.map(describeRemaining).join("\n");
      if (seen !== before) tell(teardown, remaining);
      pause = seen === before ? Math.min(pause * 2, pauses.longest) : pauses.shortest;
      before = seen;
      try {
        await down.act(teardown, remaining, (deadline - Date.now()) / 60_000);
      } catch (error) {
        // What holds it may have come to light while it was asked to go.
        last.remaining = await down.remaining(teardown).catch(() => remaining);
        const over = error instanceof SlipwayError && error.reason === "deadline" && !teardown.signal.aborted;
        throw over ? late(name, down, last.remaining) : error;
      }
      await sleep(round === 0 ? pauses.shortest : pause, undefined, { signal: teardown.signal });
    }
    record.result = record.found.length > 0 ? "gone" : "none";
  } catch (error) {
    record.result = "failed";
    throw asFailure(name, last.remaining, error, teardown.signal);
  } finally {
    record.milliseconds = Date.now() - began;
  }
}

/** `Application notes: is being deleted since …`. */
export function describeRemaining({ kind, name, why }: Remaining): string {
  return `${kind} ${name}${why ? `: ${why}` : ""}`;
}

function tell({ report }: Teardown, remaining: readonly Remaining[]): void {
  for (const each of remaining.slice(0, told)) report.line(`  ${describeRemaining(each)}`);
  if (remaining.length > told) report.line(`  and ${remaining.length - told} more`);
}

function late(stage: string, { minutes, doneWhen }: Down, remaining: readonly Remaining[]): StageFailure {
  const [first] = remaining;
  const shown = remaining.slice(0, told).map(describeRemaining).join("\n");
  const message = `The stage "${stage}" was not done within ${formatDuration(minutes * 60_000)} (${doneWhen}). Left:\n${shown}\n`;
  const next = remaining.find((each) => each.next)?.next ?? `Look at the ${first?.kind ?? "stage"}.`;
  return new StageFailure(stage, remaining, message, {
    next: `${next} Then run this again: it goes on from there.`,
    reason: "teardown-deadline",
  });
}

function asFailure(stage: string, remaining: readonly Remaining[], error: unknown, signal: AbortSignal): Error {
  if (error instanceof StageFailure) return error;
  if (signal.aborted && !(error instanceof SlipwayError))
    return new StageFailure(stage, remaining, `Stopped in the stage "${stage}", because ${whyStopped(signal)}.`, {
      next: "Run this again: it goes on from there.",
      reason: signal.reason === "deadline" ? "deadline" : "cancelled",
    });
  const known = isAwsError(error) ? awsFailure("Asking AWS", error) : error;
  if (!(known instanceof SlipwayError)) return known instanceof Error ? known : new Error(messageOf(known));
  const where = known instanceof KubernetesError ? "The cluster could not be asked. " : "";
  return new StageFailure(stage, remaining, `The stage "${stage}" failed. ${where}${known.message}`, {
    next: known.next ?? "Run this again: it goes on from there.",
    ...(known.reason && { reason: known.reason }),
    cause: known,
  });
}

const whyStopped = ({ reason }: AbortSignal) => (reason === "deadline" ? "the time is up" : "the job was cancelled");
