import { Counter, Gauge, Histogram } from "prom-client";
import type { Pool, PoolClient } from "pg";
import { inTransaction } from "../database/database.ts";
import type { ListenerOptions } from "../database/listener.ts";
import { Watcher } from "../database/watcher.ts";
import type { Metrics } from "../service/metrics.ts";
import type { Worker } from "../service/worker.ts";
import { channel, type OutboxMessage } from "./outbox.ts";
import { forget, markDelivered, markFailed, measure, revive, type Row, takeNext } from "./statements.ts";

/** What a dispatcher needs. */
export interface DispatcherOptions extends Pick<ListenerOptions, "config" | "logger"> {
  /** Each message that is under way holds one of its connections. */
  pool: Pool;
  metrics: Metrics;
  /**
   * Delivers a message; a promise that rejects is a failure. At least once: the consumer keeps an `Inbox`. It has to heed the
   * signal, which says that its time is up: nobody else gets the message before it has returned.
   */
  deliver: (message: OutboxMessage, signal: AbortSignal) => Promise<unknown>;
  /** Messages under way at a time, each of another key; 4 when left out. */
  atOnce?: number;
  /** Milliseconds for one attempt; 10 s when left out. */
  timeout?: number;
  /** After so many attempts a message is dead and its key goes on; 20 when left out, which is more than an hour. */
  attempts?: number;
  /** Milliseconds before the second attempt, doubled for each one more, up to five minutes; 1 s when left out. */
  backoff?: number;
  /** Milliseconds between two looks that no notification asked for; 5 s when left out. */
  interval?: number;
  /** Hours for which what is delivered is kept; 72 when left out. */
  keepHours?: number;
}

const longestBackoff = 300_000;
/** Messages that come by the hundred are not counted a hundred times. */
const measureInterval = 1_000;
const cleanUpInterval = 600_000;

/** Delivers the outbox of a service, with those of all its replicas; give it to `runService` among `workers`. */
export class OutboxDispatcher implements Worker {
  readonly #options: Required<DispatcherOptions>;
  readonly #watcher: Watcher;
  readonly #lanes = new Set<Promise<void>>();
  readonly #count: ReturnType<typeof createCounts>;
  #stopped = false;
  #measured = -Infinity;
  #cleaned = -Infinity;

  constructor(options: DispatcherOptions) {
    this.#options = {
      atOnce: 4,
      timeout: 10_000,
      attempts: 20,
      backoff: 1_000,
      interval: 5_000,
      keepHours: 72,
      ...options,
    };
    const { config, logger, interval } = this.#options;
    this.#count = createCounts(options.metrics);
    this.#watcher = new Watcher({ config, logger, channel, interval, look: () => this.#look() });
  }

  start(): void {
    this.#watcher.start();
  }

  /** Takes no new message, and resolves when those under way are delivered or have failed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#watcher.stop();
    await Promise.all(this.#lanes);
  }

  /** Tries what was given up again, from the first attempt on. @param id one message; all when left out. @returns how many */
  async revive(id?: string): Promise<number> {
    const { rowCount } = await this.#options.pool.query(revive, [id ?? null]);
    this.#watcher.wake();
    return rowCount ?? 0;
  }

  async #look(): Promise<undefined> {
    while (this.#lanes.size < this.#options.atOnce && !this.#stopped) {
      const lane: Promise<void> = this.#drain().finally(() => this.#lanes.delete(lane));
      this.#lanes.add(lane);
    }
    const { pool, keepHours } = this.#options;
    if (performance.now() - this.#measured < measureInterval) return;
    this.#measured = performance.now();
    const { rows } = await pool.query<{ waiting: number; dead: number; lag: number }>(measure);
    const { waiting = 0, dead = 0, lag = 0 } = rows[0] ?? {};
    this.#count.waiting.set(waiting);
    this.#count.dead.set(dead);
    this.#count.lag.set(lag);
    if (performance.now() - this.#cleaned < cleanUpInterval) return;
    const { rowCount } = await pool.query(forget, [keepHours]);
    // There may be more: the next look goes on.
    if (rowCount === 0) this.#cleaned = performance.now();
  }

  /** Delivers one message after the other until none is left. */
  async #drain(): Promise<void> {
    try {
      while (!this.#stopped && (await inTransaction(this.#options.pool, (client) => this.#next(client))));
    } catch (error) {
      // What was under way is tried again: nothing was written about it.
      this.#options.logger.warn({ err: error }, "the outbox could not be read");
    }
  }

  /** @returns whether there was one */
  async #next(client: PoolClient): Promise<boolean> {
    const { rows } = await client.query<Row>(takeNext);
    const [row] = rows;
    if (!row) return false;
    const attempt = row.attempts + 1;
    const { logger, attempts } = this.#options;
    try {
      await this.#deliver(client, row, attempt);
      await client.query(markDelivered, [row.seq, attempt]);
      this.#count.deliveries.inc({ topic: row.topic, outcome: "delivered" });
      this.#count.duration.observe(Math.max(0, (Date.now() - row.created_at.getTime()) / 1_000));
    } catch (error) {
      const dead = attempt >= attempts;
      const pause = dead ? null : this.#pauseAfter(attempt);
      const said = (error instanceof Error ? error.message : String(error)).replaceAll("\0", "").slice(0, 1_000);
      await client.query(markFailed, [row.seq, attempt, said, pause]);
      this.#count.deliveries.inc({ topic: row.topic, outcome: dead ? "dead" : "failed" });
      const about = { err: error, id: row.id, topic: row.topic, attempt };
      if (dead) logger.error(about, "a message was given up");
      else logger.warn(about, "a message could not be delivered yet");
      if (pause !== null) setTimeout(() => this.#watcher.wake(), pause + 5).unref();
    }
    return true;
  }

  async #deliver(client: PoolClient, row: Row, attempt: number): Promise<void> {
    const { id, key, topic, payload, created_at: at } = row;
    // With the connection goes the lock: another replica may take the message from then on.
    const lost = new AbortController();
    const onLost = () => lost.abort(new Error("the connection to the database broke"));
    client.once("end", onLost);
    try {
      const signal = AbortSignal.any([AbortSignal.timeout(this.#options.timeout), lost.signal]);
      await this.#options.deliver({ id, key, topic, payload, at, attempt }, signal);
    } finally {
      client.off("end", onLost);
    }
  }

  #pauseAfter(attempt: number): number {
    const full = Math.min(this.#options.backoff * 2 ** (attempt - 1), longestBackoff);
    return full * (0.75 + Math.random() * 0.5);
  }
}

function createCounts({ registry }: Metrics) {
  const registers = [registry];
  return {
    waiting: new Gauge({ name: "outbox_waiting", help: "Messages that wait to be delivered.", registers }),
    dead: new Gauge({ name: "outbox_dead", help: "Messages that were given up.", registers }),
    lag: new Gauge({ name: "outbox_lag_seconds", help: "The age of the oldest message that waits.", registers }),
    deliveries: new Counter({
      name: "outbox_attempts_total",
      help: "Attempts to deliver, by topic and outcome: delivered, failed, dead.",
      labelNames: ["topic", "outcome"],
      registers,
    }),
    duration: new Histogram({
      name: "outbox_delivery_seconds",
      help: "From appending to delivery.",
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 300, 3_600],
      registers,
    }),
  };
}
