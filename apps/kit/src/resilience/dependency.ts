import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  retry,
  TaskCancelledError,
  timeout,
  TimeoutStrategy,
} from "cockatiel";
import { deadlineOver } from "../http/deadlines.ts";
import { Problem } from "../http/problems.ts";
import type { Metrics } from "../service/metrics.ts";
import type { Deadline } from "./deadline.ts";
import { dependencyMetrics } from "./dependency-metrics.ts";

/** How patient a service is with one thing that it depends on. */
export interface DependencyOptions {
  /** What people call it, in metrics and in what callers are told: `orders`. */
  name: string;
  metrics: Metrics;
  /** Milliseconds that one attempt may take. */
  timeout: number;
  /** Attempts after the first, for calls that may be repeated; 2 when left out. */
  retries?: number;
  /** So many failed attempts in a row open the breaker; 5 when left out. */
  failures?: number;
  /** Milliseconds for which an open breaker asks nothing; then one call tries. 5,000 when left out. */
  openFor?: number;
  /** Whether an error is the dependency's failure. When left out all are but problems below 500, which are its answer. */
  isFailure?: (error: unknown) => boolean;
}

/** How one call is made. */
export interface CallOptions {
  /** Until when the answer is of use. */
  deadline?: Deadline | undefined;
  /** Whether the call may be repeated: only what does no harm when it happens twice. Never when left out. */
  repeatable?: boolean;
}

const stateNames = {
  [CircuitState.Closed]: "closed",
  [CircuitState.HalfOpen]: "half-open",
  [CircuitState.Open]: "open",
  [CircuitState.Isolated]: "open",
} as const;

/**
 * One thing that a service depends on, behind a time-out, retries with jitter and a breaker, with their metrics. There is
 * one for each dependency, made at the start: the breaker learns from all calls.
 */
export class Dependency {
  readonly #name: string;
  readonly #timeout: number;
  readonly #openFor: number;
  readonly #isFailure: (error: unknown) => boolean;
  readonly #retry;
  readonly #breaker;
  readonly #metrics;

  constructor({ name, metrics, timeout, retries = 2, failures = 5, openFor = 5_000, isFailure }: DependencyOptions) {
    this.#name = name;
    this.#timeout = timeout;
    this.#openFor = openFor;
    const isAnswer = (error: unknown) => error instanceof Problem && error.status < 500;
    this.#isFailure = (error) =>
      !(error instanceof DeadlineOver || error instanceof BrokenCircuitError) &&
      (error instanceof TimedOut || (isFailure?.(error) ?? !isAnswer(error)));
    this.#metrics = dependencyMetrics(metrics, name);
    this.#retry = retry(handleWhen(this.#isFailure), {
      maxAttempts: retries,
      backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 1_000 }),
    });
    this.#retry.onRetry(() => {
      this.#metrics.retried();
    });
    this.#breaker = circuitBreaker(handleWhen(this.#isFailure), {
      halfOpenAfter: openFor,
      breaker: new ConsecutiveBreaker(failures),
    });
    this.#metrics.breakerIs("closed");
    this.#breaker.onStateChange((state) => {
      this.#metrics.breakerIs(stateNames[state]);
    });
  }

  /** Whether calls are made (`closed`), one is tried (`half-open`), or none (`open`). */
  get state(): "closed" | "half-open" | "open" {
    return stateNames[this.#breaker.state];
  }

  /**
   * Makes a call.
   *
   * @param work asks the dependency and reads its answer; the signal says when nobody waits any more
   * @returns what the work returns
   * @throws Problem 503 with `Retry-After` when the dependency fails or its breaker is open, 504 when the deadline is over;
   *   an error that does not count as a failure of the dependency as it was thrown
   */
  async run<Result>(
    work: (signal: AbortSignal) => Promise<Result>,
    { deadline, repeatable = false }: CallOptions = {},
  ): Promise<Result> {
    const attempt = () => this.#breaker.execute(() => this.#attempt(work, deadline));
    try {
      if (!repeatable) return await attempt();
      if (!deadline) return await this.#retry.execute(attempt);
      // The pauses between attempts count, too.
      return await timeout(deadline.remaining, TimeoutStrategy.Aggressive).execute(() => this.#retry.execute(attempt));
    } catch (error) {
      throw this.#told(error);
    }
  }

  async #attempt<Result>(work: (signal: AbortSignal) => Promise<Result>, deadline: Deadline | undefined) {
    const left = deadline?.remaining ?? Number.POSITIVE_INFINITY;
    if (left === 0) throw new DeadlineOver();
    const ended = this.#metrics.started();
    const limited = timeout(Math.min(this.#timeout, left), TimeoutStrategy.Aggressive);
    try {
      const result = await limited.execute(async ({ signal }) => {
        try {
          return await work(signal);
        } catch (error) {
          // What the work throws because it was told to stop is the time-out's.
          throw signal.aborted ? new TaskCancelledError() : error;
        }
      });
      ended("answered");
      return result;
    } catch (error) {
      if (!(error instanceof TaskCancelledError)) {
        ended(this.#isFailure(error) ? "failed" : "answered");
        throw error;
      }
      // It had less time than it may take, so that this says nothing about the dependency.
      const short = left < this.#timeout;
      ended(short ? "deadline" : "timeout");
      throw short ? new DeadlineOver() : new TimedOut();
    }
  }

  #told(error: unknown): unknown {
    if (error instanceof DeadlineOver || error instanceof TaskCancelledError) return deadlineOver(error);
    if (error instanceof BrokenCircuitError) this.#metrics.refused();
    else if (!this.#isFailure(error)) return error;
    const retryAfter = Math.ceil(this.#openFor / 1_000);
    return new Problem(503, `${this.#name} does not answer.`, { retryAfter, cause: error });
  }
}

/** Thrown inside, where a dependency took longer than it may. */
class TimedOut extends Error {
  override readonly name = "TimedOut";
}

/** Thrown inside, where a call ends because its caller's deadline has passed. */
class DeadlineOver extends Error {
  override readonly name = "DeadlineOver";
}
