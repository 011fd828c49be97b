/** What is neither delivered nor given up. */
const waiting = "delivered_at IS NULL AND dead_at IS NULL";

/** A message as it is read. */
export interface Row {
  seq: string;
  id: string;
  key: string;
  topic: string;
  payload: unknown;
  created_at: Date;
  attempts: number;
}

/**
 * Takes the next message that is the first of its key, is due, and is in nobody's hands. The lock is held until the
 * transaction ends; one whose process died goes with its connection.
 */
export const takeNext = `
  SELECT seq, id, key, topic, payload, created_at, attempts FROM outbox AS this
  WHERE ${waiting} AND next_at <= now()
    AND NOT EXISTS (SELECT FROM outbox AS before WHERE before.key = this.key AND before.seq < this.seq AND ${waiting})
  ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED`;

export const markDelivered =
  "UPDATE outbox SET delivered_at = clock_timestamp(), attempts = $2, error = NULL WHERE seq = $1";

/** $4: milliseconds until it is tried again; null gives it up. */
export const markFailed = `
  UPDATE outbox SET attempts = $2, error = $3,
    dead_at = CASE WHEN $4::float8 IS NULL THEN clock_timestamp() END,
    next_at = clock_timestamp() + make_interval(secs => coalesce($4::float8, 0) / 1000)
  WHERE seq = $1`;

export const revive = `
  UPDATE outbox SET dead_at = NULL, attempts = 0, next_at = now()
  WHERE dead_at IS NOT NULL AND ($1::uuid IS NULL OR id = $1)`;

export const measure = `
  SELECT (SELECT count(*)::int FROM outbox WHERE ${waiting}) AS waiting,
    (SELECT count(*)::int FROM outbox WHERE dead_at IS NOT NULL) AS dead,
    (SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 FROM outbox WHERE ${waiting}) AS lag`;

/** So many at a time that nobody waits for it. */
export const forget = `
  DELETE FROM outbox WHERE seq IN (
    SELECT seq FROM outbox WHERE delivered_at < now() - make_interval(hours => $1) LIMIT 1000)`;
