import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import type { DatabaseConfig } from "../service/config.ts";
import type { Logger } from "../service/logger.ts";
import { connectionOf } from "./database.ts";

/** What a listener tells. */
export interface ListenerEvents {
  /** A notification came. */
  news: (payload: string) => void;
  /** A connection is there: what happened meanwhile has to be looked for. */
  connected: () => void;
}

/** What a listener needs. */
export interface ListenerOptions {
  config: Omit<DatabaseConfig, "DATABASE_POOL_SIZE">;
  logger: Logger;
  /** The channel of PostgreSQL's NOTIFY: a plain identifier, never a caller's text. */
  channel: string;
  on: ListenerEvents;
}

/**
 * Listens for PostgreSQL's notifications on a connection of its own, and connects again for as long as it lives. A
 * notification only says that there is something to look for: one that got lost must cost time and nothing else.
 */
export class Listener {
  #client: pg.Client | undefined;
  readonly #stop = new AbortController();

  constructor(options: ListenerOptions) {
    void this.#keepConnected(options);
  }

  /** Ends the connection for good. */
  async end(): Promise<void> {
    this.#stop.abort();
    await this.#client?.end().catch(() => {});
  }

  #hasEnded(): boolean {
    return this.#stop.signal.aborted;
  }

  async #keepConnected({ config, logger, channel, on }: ListenerOptions): Promise<void> {
    for (let delay = 100; !this.#hasEnded(); delay = Math.min(delay * 2, 5_000)) {
      try {
        const lost = Promise.withResolvers<undefined>();
        const client = new pg.Client({ ...connectionOf(config), keepAlive: true });
        this.#client = client;
        client.on("error", () => lost.resolve(undefined));
        client.on("end", () => lost.resolve(undefined));
        client.on("notification", ({ payload = "" }) => on.news(payload));
        await client.connect();
        await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
        delay = 50;
        on.connected();
        await lost.promise;
      } catch (error) {
        if (!this.#hasEnded()) logger.warn({ err: error }, "cannot listen to the database yet");
      }
      await this.#client?.end().catch(() => {});
      await wait(delay, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
  }
}
