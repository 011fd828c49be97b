import { type Logger, Problem } from "@slipway/kit";
import type { AppConfig } from "../config.ts";
import { HitCounter } from "./redis.ts";
import type { VisitStore } from "./store.ts";

/** Who handed out a visit's number. */
export type CountSource = "redis" | "postgres";

/** A visit that was counted: it is in PostgreSQL, and no other visit has its number. */
export interface CountedVisit {
  number: number;
  source: CountSource;
}

/** How often a number from Redis may turn out to be taken before PostgreSQL hands one out. */
const attempts = 3;
/** Milliseconds between looks for numbers that were handed out and never used. */
const auditInterval = 10_000;
/** A number that has been missing for this long is not a request on its way any more. */
const abandonedAfterSeconds = 5;
/** Milliseconds between attempts to go back to Redis while it answers, but not well. */
const reconcilePause = 1_000;

/**
 * Counts visits: Redis hands out the numbers (INCR), PostgreSQL records each as a row whose primary key is the number.
 * A visit is counted when its row is committed, so the rows are the truth and Redis can be lost at any moment:
 *
 * - Redis behind (restarted, lost its last second): its number is taken, the insert says so, Redis is raised.
 * - Redis gone: `count_visit()` in PostgreSQL hands out the lowest free number instead.
 * - A number that was handed out and never used (a reply lost with the connection, a killed pod): it stays free. The
 *   next visits get the free numbers, from PostgreSQL, before Redis is set to the highest one and used again.
 *
 * So no number is given twice, no visit is lost, and once all is quiet the highest number is the number of visits.
 */
export class VisitCounting {
  readonly #store: VisitStore;
  readonly #hits: HitCounter;
  readonly #logger: Logger;
  readonly #audit: NodeJS.Timeout;
  #source: CountSource = "postgres";
  #reachable = false;
  #reconciling = false;
  #notBefore = 0;
  #retry: NodeJS.Timeout | undefined;

  constructor(config: AppConfig, store: VisitStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
    this.#hits = new HitCounter(config, logger, {
      ready: () => {
        this.#reachable = true;
        this.#notBefore = 0;
        void this.#reconcile();
      },
      lost: () => {
        this.#reachable = false;
        this.#usePostgres("the connection to redis broke");
      },
    });
    this.#hits.connect();
    this.#audit = setInterval(() => void this.#lookForGaps(), auditInterval).unref();
  }

  /** Who hands out numbers at the moment. */
  get source(): CountSource {
    return this.#source;
  }

  /**
   * Counts one visit.
   *
   * @throws Problem 503 when PostgreSQL cannot record it; then it was not counted, or its answer was lost on the way
   */
  async count(): Promise<CountedVisit> {
    try {
      const number = this.#source === "redis" ? await this.#countByRedis() : undefined;
      if (number !== undefined) return { number, source: "redis" };
      const visit = await this.#store.count();
      if (visit.caughtUp) void this.#reconcile();
      return { number: visit.number, source: "postgres" };
    } catch (cause) {
      // The number that Redis may have given is free now, and has to be used before it gives more.
      this.#usePostgres("the database did not record a visit");
      throw new Problem(503, "The visit could not be recorded.", { retryAfter: 1, cause });
    }
  }

  /** Throws when Redis does not answer. */
  ping(): Promise<unknown> {
    return this.#hits.ping();
  }

  /** Ends timers and the connection to Redis. */
  end(): void {
    clearInterval(this.#audit);
    clearTimeout(this.#retry);
    this.#hits.disconnect();
  }

  /** A number from Redis under which the visit is recorded; undefined when PostgreSQL has to hand one out. */
  async #countByRedis(): Promise<number | undefined> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const number = await this.#ask(() => this.#hits.increment());
      if (number === undefined) return undefined;
      if (await this.#store.insert(number)) return number;
      const { highest } = await this.#store.audit();
      await this.#ask(() => this.#hits.raise(highest));
    }
    return undefined;
  }

  async #ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    try {
      return await question();
    } catch {
      this.#usePostgres("redis did not answer");
      return undefined;
    }
  }

  #usePostgres(reason: string): void {
    if (this.#source === "redis") this.#logger.warn({ reason }, "postgres hands out the numbers");
    this.#source = "postgres";
    this.#notBefore = performance.now() + reconcilePause;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#reconcile(), reconcilePause).unref();
  }

  /** Whether Redis can be reached and was not lost a moment ago. */
  #canReconcile(): boolean {
    return this.#reachable && performance.now() >= this.#notBefore;
  }

  /** Goes back to Redis when it answers and no number is missing; otherwise the next visits fill the gaps first. */
  async #reconcile(): Promise<void> {
    if (this.#reconciling || this.#source === "redis" || !this.#canReconcile()) return;
    this.#reconciling = true;
    try {
      const { floor, highest } = await this.#store.audit();
      if (floor < highest) return;
      await this.#hits.set(highest);
      // What came between may have lost Redis again.
      if (!this.#canReconcile()) return;
      this.#source = "redis";
      this.#logger.info({ highest }, "redis hands out the numbers");
    } catch (error) {
      this.#usePostgres("redis could not be reconciled");
      this.#logger.debug({ err: error }, "reconciling failed");
    } finally {
      this.#reconciling = false;
    }
  }

  async #lookForGaps(): Promise<void> {
    if (this.#source !== "redis") return void this.#reconcile();
    try {
      const { gapSeconds } = await this.#store.audit();
      if (gapSeconds !== null && gapSeconds > abandonedAfterSeconds) this.#usePostgres("a number was never used");
    } catch {
      // A database that does not answer shows in readiness; the next look comes by itself.
    }
  }
}
