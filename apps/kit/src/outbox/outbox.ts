import type { ClientBase } from "pg";

/** The channel on which those who append wake those who deliver. */
export const channel = "outbox";

/** What is to be told. */
export interface NewMessage {
  /** Messages of one key, such as `order 17`, are delivered in the order in which they were committed. */
  key: string;
  /** What kind of message it is, such as `order-placed`; few, for they are a metric's label. */
  topic: string;
  /** Anything that JSON can say. */
  payload: unknown;
}

/** A message that is being delivered. */
export interface OutboxMessage extends NewMessage {
  /** The same at each attempt: the consumer's inbox knows it again. */
  id: string;
  /** When it was appended. */
  at: Date;
  /** Which attempt this is, from 1. */
  attempt: number;
}

/**
 * Appends messages in the caller's transaction: they are delivered if it commits, and only then. As late in it as
 * possible, because another transaction that appends to the same key waits for the end of this one: that is what makes
 * the order of a key certain. All messages of a transaction in one call, or two that append to the same keys in another
 * order may wait for each other (which PostgreSQL ends with 40P01).
 */
export async function appendToOutbox(
  client: Pick<ClientBase, "query">,
  messages: NewMessage | readonly NewMessage[],
): Promise<void> {
  const list = "key" in messages ? [messages] : messages;
  if (list.length === 0) return;
  const keys = [...new Set(list.map(({ key }) => key))].sort();
  await client.query(
    "SELECT pg_advisory_xact_lock(hashtextextended('outbox ' || key, 0)) FROM unnest($1::text[]) key",
    [keys],
  );
  // A statement of its own: the numbers are given once the lock is held.
  await client.query(
    `INSERT INTO outbox (key, topic, payload)
     SELECT key, topic, payload FROM unnest($1::text[], $2::text[], $3::jsonb[]) WITH ORDINALITY AS m(key, topic, payload, nth)
     ORDER BY nth`,
    [
      list.map(({ key }) => key),
      list.map(({ topic }) => topic),
      list.map(({ payload }) => JSON.stringify(payload ?? null)),
    ],
  );
  await client.query("SELECT pg_notify($1, '')", [channel]);
}
