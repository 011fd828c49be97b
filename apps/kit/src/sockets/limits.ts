/** What a socket may do. */
export interface SocketLimits {
  /** Bytes of one message. */
  messageBytes: number;
  /** Messages a second; as many may wait for their turn. */
  messagesPerSecond: number;
  /** Open sockets of one person at this replica. */
  perPerson: number;
  /** Open sockets of all at this replica: each needs memory. */
  inAll: number;
  /** Bytes that may wait for a caller that does not read. */
  unreadBytes: number;
}

/** Counts what happens within a second; both ends of a burst fall into the same second or the next. */
export class PerSecond {
  readonly #most: number;
  #since = 0;
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Counts one more. @returns whether it is still within the limit */
  take(now = performance.now()): boolean {
    if (now - this.#since >= 1_000) {
      this.#since = now;
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count <= this.#most;
  }
}
