import { SlipwayError } from "../../core/errors.ts";

/** Why an apply is stopped before its end. */
export type StopReason = "cancelled" | "deadline";

/** A request to stop, by a signal from outside or by our own deadline. */
export interface Cancellation extends Disposable {
  /** Aborted once, at the first request; its `reason` is a `StopReason`. */
  readonly signal: AbortSignal;
  /** @throws SlipwayError when a stop was asked for */
  throwIfStopped(): void;
}

/**
 * Listens for what ends a job. GitHub sends SIGINT, 7.5 s later SIGTERM, 2.5 s later a kill, and only to the step's first
 * process: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation
 * The first of them, or the deadline, asks to stop; later ones only say what will be left.
 *
 * @param options.minutes the deadline from now; below the job's own, which kills without asking
 * @param options.stopping what the request to stop leads to
 * @param options.remains what a reader must know if we are killed before the work has ended
 * @param options.signals where signals come from; this process when left out
 */
export function cancellation(options: {
  minutes: number;
  log: (line: string) => void;
  stopping: string;
  remains: () => string;
  signals?: NodeJS.EventEmitter;
}): Cancellation {
  const controller = new AbortController();
  const source = options.signals ?? process;
  const stop = (reason: StopReason, why: string) => {
    if (controller.signal.aborted) {
      options.log(`${why} ${options.remains()}`);
      return;
    }
    options.log(`${why} ${options.stopping}`);
    controller.abort(reason);
  };
  const interrupted = () => stop("cancelled", "SIGINT received.");
  const terminated = () => stop("cancelled", "SIGTERM received.");
  source.on("SIGINT", interrupted);
  source.on("SIGTERM", terminated);
  const timer = setTimeout(() => stop("deadline", `${options.minutes} minutes have passed.`), options.minutes * 60_000);
  return {
    signal: controller.signal,
    throwIfStopped() {
      if (!controller.signal.aborted) return;
      const reason = controller.signal.reason as StopReason;
      throw new SlipwayError(
        reason === "deadline" ? `Stopped after ${options.minutes} minutes.` : "Stopped, because the job was cancelled.",
        { next: "Run the job again: it goes on from there.", reason },
      );
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      source.off("SIGINT", interrupted);
      source.off("SIGTERM", terminated);
    },
  };
}
