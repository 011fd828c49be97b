import type { Pool, PoolClient } from "pg";
import { inTransaction } from "../database/database.ts";

/** Makes handling a message idempotent: what it changes and that it was handled are one transaction. */
export class Inbox {
  readonly #pool: Pool;
  readonly #consumer: string;

  /** @param consumer who handles, where several parts of a service hear the same messages */
  constructor(pool: Pool, consumer: string) {
    this.#pool = pool;
    this.#consumer = consumer;
  }

  /**
   * Handles a message unless that was done before. Two deliveries at a time take turns; what fails may come again.
   *
   * @returns whether it was handled now
   */
  once({ id }: { id: string }, work: (client: PoolClient) => Promise<unknown>): Promise<boolean> {
    return inTransaction(this.#pool, async (client) => {
      const text = "INSERT INTO inbox (consumer, message_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
      const { rowCount } = await client.query(text, [this.#consumer, id]);
      if (rowCount === 0) return false;
      await work(client);
      return true;
    });
  }

  /**
   * Forgets messages that nobody delivers any more. @param hours longer than a dispatcher tries, and than the dead wait for
   * somebody to revive them. @returns how many
   */
  async forget(hours = 24 * 30): Promise<number> {
    const text = "DELETE FROM inbox WHERE consumer = $1 AND handled_at < now() - make_interval(hours => $2)";
    return (await this.#pool.query(text, [this.#consumer, hours])).rowCount ?? 0;
  }
}
