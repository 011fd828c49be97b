import type { ListenerOptions } from "../database/listener.ts";
import { Watcher } from "../database/watcher.ts";
import type { Worker } from "../service/worker.ts";
import { endedChannel, type SignIns } from "./sign-ins.ts";

/** What `EndedSessions` needs. */
export interface EndedOptions extends Pick<ListenerOptions, "config" | "logger"> {
  /** How long access tokens are good for, in seconds. */
  seconds: number;
  /** Milliseconds for which the last look is believed; then each request asks the database. 15 s, three looks, when left out. */
  believed?: number | undefined;
}

/** Knows which sessions ended before their time, at any replica, within a moment. */
export class EndedSessions implements Worker {
  readonly #watcher: Watcher;
  readonly #signIns: SignIns;
  readonly #seconds: number;
  readonly #believed: number;
  /** Ended sessions, each until when an access token may still speak of it. */
  readonly #ended = new Map<string, number>();
  readonly #hearers = new Set<(session: string) => void>();
  #since: string | undefined;
  #lookedAt = -Infinity;
  #cleanedAt = -Infinity;

  constructor(signIns: SignIns, { seconds, believed = 15_000, ...options }: EndedOptions) {
    this.#signIns = signIns;
    this.#believed = believed;
    this.#seconds = seconds + 60;
    this.#watcher = new Watcher({ ...options, channel: endedChannel, look: () => this.#look() });
  }

  start(): void {
    this.#watcher.start();
  }

  stop(): Promise<void> {
    return this.#watcher.stop();
  }

  /** Calls `hear` once for each session that ends before its time, for example to close its sockets. */
  onEnded(hear: (session: string) => void): void {
    this.#hearers.add(hear);
  }

  /** Whether a session goes on. Asks the database only where nothing was heard from it lately. */
  isOpen(session: string): boolean | Promise<boolean> {
    if (this.#ended.has(session)) return false;
    if (performance.now() - this.#lookedAt < this.#believed) return true;
    return this.#signIns.isOpen(session);
  }

  /** Takes note of sessions that ended. */
  add(sessions: readonly string[]): void {
    const until = performance.now() + this.#seconds * 1_000;
    for (const session of sessions) {
      if (this.#ended.has(session)) continue;
      this.#ended.set(session, until);
      for (const hear of this.#hearers) hear(session);
    }
  }

  async #look(): Promise<undefined> {
    const began = performance.now();
    const { ids, now } = await this.#signIns.endedSince(this.#since, this.#seconds);
    this.add(ids);
    this.#since = now;
    this.#lookedAt = began;
    for (const [session, until] of this.#ended) {
      if (until > began) break;
      this.#ended.delete(session);
    }
    if (began - this.#cleanedAt < 600_000) return;
    await this.#signIns.forget(this.#seconds);
    this.#cleanedAt = began;
  }
}
