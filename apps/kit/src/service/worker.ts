/** Work that a service does in addition to its requests, such as handing on its outbox. */
export interface Worker {
  start(): void;
  /** Takes nothing new, and resolves when what it was doing is done. Safe to call twice. */
  stop(): Promise<void>;
}
