import { setTimeout as wait } from "node:timers/promises";
import { connectionOf, type DatabaseConfig, type Logger } from "@slipway/kit";
import pg from "pg";
import { channel } from "./repository.ts";

/** What a listener tells. */
interface ListenerEvents {
  news: () => void;
  connected: () => void;
}

/**
 * Listens for notifications on a connection of its own, and connects again for as long as it lives.
 *
 * @param on `news`: called at each notification; `connected`: after each connection, since what happened meanwhile has to
 *   be looked for
 */
export class Listener {
  #client: pg.Client | undefined;
  readonly #stop = new AbortController();

  constructor(config: DatabaseConfig, logger: Logger, on: ListenerEvents) {
    void this.#keepConnected(config, logger, on);
  }

  /** Ends the connection for good. */
  async end(): Promise<void> {
    this.#stop.abort();
    await this.#client?.end().catch(() => {});
  }

  #hasEnded(): boolean {
    return this.#stop.signal.aborted;
  }

  async #keepConnected(config: DatabaseConfig, logger: Logger, on: ListenerEvents): Promise<void> {
    for (let delay = 100; !this.#hasEnded(); delay = Math.min(delay * 2, 5_000)) {
      try {
        const lost = Promise.withResolvers<undefined>();
        const client = new pg.Client({ ...connectionOf(config), keepAlive: true });
        this.#client = client;
        client.on("error", () => lost.resolve(undefined));
        client.on("end", () => lost.resolve(undefined));
        client.on("notification", on.news);
        await client.connect();
        await client.query(`LISTEN ${channel}`);
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
