import { type Logger, port } from "@slipway/kit";
import { Redis } from "ioredis";
import { z } from "zod";

/** How to reach Redis. */
export const cacheVariables = {
  REDIS_HOST: z.string().min(1),
  REDIS_PORT: port().default(6379),
  /** Absent where Redis asks for none. */
  REDIS_PASSWORD: z.string().min(1).optional(),
};

/** The one key of the service. */
const key = "APP:count";
/** For how long the database is not asked again. */
const seconds = 5;

/** The count in Redis. Without Redis nothing is lost but time: every read then asks the database. */
export class CountCache {
  readonly #redis: Redis;

  constructor(config: z.output<z.ZodObject<typeof cacheVariables>>, logger: Logger) {
    this.#redis = new Redis({
      host: config.REDIS_HOST,
      port: config.REDIS_PORT,
      ...(config.REDIS_PASSWORD && { password: config.REDIS_PASSWORD }),
      connectTimeout: 2_000,
      // A command happens now or not at all.
      commandTimeout: 500,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (times) => Math.min(times * 100, 2_000),
    });
    let reported = "";
    this.#redis.on("error", (error: Error) => {
      // A Redis that stays away reports itself at every attempt; once is enough.
      if (error.message !== reported) logger.warn({ err: error }, "redis is not there");
      reported = error.message;
    });
    this.#redis.on("ready", () => (reported = ""));
  }

  /** The count, where Redis knows it. */
  async get(): Promise<number | undefined> {
    const found = await this.#redis.get(key).catch(() => null);
    return found === null ? undefined : Number(found);
  }

  /** Keeps a count for a few seconds. */
  async put(count: number): Promise<void> {
    await this.#redis.set(key, count, "EX", seconds).catch(() => null);
  }

  /** Throws when Redis does not answer. */
  ping(): Promise<unknown> {
    return this.#redis.ping();
  }

  /** Ends the connection for good. */
  end(): void {
    this.#redis.disconnect();
  }
}
