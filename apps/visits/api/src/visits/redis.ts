import type { Logger } from "@slipway/kit";
import { Redis } from "ioredis";
import type { AppConfig } from "../config.ts";

/** The one key of the service. */
const key = "visits:hits";

/** Lifts the counter, never lowers it. */
const raise = `
local current = tonumber(redis.call("GET", KEYS[1]) or "0")
if current < tonumber(ARGV[1]) then redis.call("SET", KEYS[1], ARGV[1]) end
return 1`;

/** Redis as the service uses it: a counter that is fast and may be lost. */
export class HitCounter {
  readonly #redis: Redis;

  /**
   * @param onReady Redis can be reached, at first or again
   * @param onLost the connection broke; what was asked may or may not have happened
   */
  constructor(config: AppConfig, logger: Logger, on: { ready: () => void; lost: () => void }) {
    this.#redis = new Redis({
      host: config.REDIS_HOST,
      port: config.REDIS_PORT,
      ...(config.REDIS_PASSWORD && { password: config.REDIS_PASSWORD }),
      lazyConnect: true,
      connectTimeout: 2_000,
      // A command either happens now or PostgreSQL takes over: nothing is queued for later or sent a second time.
      commandTimeout: 500,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (times) => Math.min(times * 100, 2_000),
    });
    let reported = "";
    this.#redis.on("error", (error: Error) => {
      // A Redis that stays away reports itself at every attempt; once is enough.
      if (error.message !== reported) logger.warn({ err: error }, "redis is not there");
      reported = error.message;
    });
    this.#redis.on("ready", () => {
      reported = "";
      on.ready();
    });
    this.#redis.on("close", on.lost);
  }

  /** Starts connecting, and keeps at it. */
  connect(): void {
    // The outcome arrives as an event.
    this.#redis.connect().catch(() => {});
  }

  /** The next number. */
  increment(): Promise<number> {
    return this.#redis.incr(key);
  }

  /** Makes the counter at least `number`. */
  async raise(number: number): Promise<void> {
    await this.#redis.eval(raise, 1, key, number);
  }

  /** Makes the counter exactly `number`. */
  async set(number: number): Promise<void> {
    await this.#redis.set(key, number);
  }

  /** Throws when Redis does not answer. */
  ping(): Promise<unknown> {
    return this.#redis.ping();
  }

  /** Ends the connection for good. */
  disconnect(): void {
    this.#redis.disconnect();
  }
}
