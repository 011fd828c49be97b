import { setTimeout as wait } from "node:timers/promises";
import type { Worker } from "../service/worker.ts";
import { Listener, type ListenerOptions } from "./listener.ts";

/** What a watcher needs. */
export interface WatcherOptions extends Omit<ListenerOptions, "on"> {
  /**
   * Looks for what is new. Called one at a time: at each notification, after each connection, and every `interval`, so that
   * nothing depends on a notification. @returns milliseconds after which to look again, where that is sooner
   */
  look: () => Promise<number | undefined>;
  /** Milliseconds; 5 s when left out. */
  interval?: number;
}

/** Looks for what is new in the database as soon as it is told, and now and then anyway. */
export class Watcher implements Worker {
  readonly #options: WatcherOptions;
  #listener: Listener | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;
  /** Something happened since the last look began. */
  #again = false;
  #wake: (() => void) | undefined;

  constructor(options: WatcherOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#running) return;
    const look = () => this.wake();
    this.#listener = new Listener({ ...this.#options, on: { news: look, connected: look } });
    this.#running = this.#run();
  }

  /** Looks now, or once more when it is looking. */
  wake(): void {
    this.#again = true;
    this.#wake?.();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.wake();
    await Promise.all([this.#listener?.end(), this.#running]);
  }

  async #run(): Promise<void> {
    const { look, logger, interval = 5_000 } = this.#options;
    while (!this.#isStopped()) {
      this.#again = false;
      let pause = interval;
      try {
        pause = Math.min(interval, (await look()) ?? interval);
      } catch (error) {
        logger.warn({ err: error }, "the database could not be looked at");
      }
      await this.#rest(pause);
    }
  }

  #isStopped(): boolean {
    return this.#stopped;
  }

  async #rest(pause: number): Promise<void> {
    if (this.#again || this.#stopped) return;
    const timer = new AbortController();
    this.#wake = () => timer.abort();
    await wait(pause, undefined, { signal: timer.signal }).catch(() => {});
    this.#wake = undefined;
  }
}
