import { createHash } from "node:crypto";
import type { Request } from "express";
import type { Pool, PoolClient } from "pg";
import { inTransaction } from "../database/database.ts";
import { Problem } from "../http/problems.ts";

/** What is done at most once. */
export interface OnceCall {
  /** Whose keys these are and for what, such as `orders of 17`: keys of others are other keys. */
  scope: string;
  /** As `idempotencyKeyOf` reads it. */
  key: string;
  /** What is asked for, as it was validated: the same key with another request is refused. */
  request: unknown;
}

/**
 * Reads `Idempotency-Key` (https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/): 8 to 128
 * letters, digits or `_.:-`, in quotes or without.
 *
 * @throws Problem 400 when it is missing or is something else
 */
export function idempotencyKeyOf(request: Request): string {
  const given = request.headers["idempotency-key"];
  const [, quoted, bare] =
    /^(?:"([\w.:-]{8,128})"|([\w.:-]{8,128}))$/.exec(typeof given === "string" ? given : "") ?? [];
  const key = quoted ?? bare;
  if (key === undefined)
    throw new Problem(400, "Idempotency-Key is needed: 8 to 128 letters, digits or _.:-, new for each thing to do.");
  return key;
}

/**
 * Does a thing at most once for each key, also when its answer was lost, two requests come at once, or to two replicas:
 * the key is written in the transaction in which the thing is done. The later of two waits for the first, and
 * gets its answer. What fails is not kept, so the same key may try again.
 *
 * The service's migrations make the table `idempotency_keys (scope text, key text, fingerprint bytea NOT NULL, answer
 * jsonb, created_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (scope, key))`.
 */
export class IdempotencyKeys {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /**
   * @param work does it with the given connection, in one transaction; what it returns is kept as JSON
   * @returns the work's answer, or the one that was kept; `replayed` says which
   * @throws Problem 422 when the key was used for another request, and what the work throws
   */
  once<Answer>(
    { scope, key, request }: OnceCall,
    work: (client: PoolClient) => Promise<Answer>,
  ): Promise<{ answer: Answer; replayed: boolean }> {
    const fingerprint = createHash("sha256")
      .update(JSON.stringify(request ?? null))
      .digest();
    return inTransaction(this.#pool, async (client) => {
      // Waits here while another transaction has written the same key and is not over.
      const taken = await client.query(
        "INSERT INTO idempotency_keys (scope, key, fingerprint) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        [scope, key, fingerprint],
      );
      if (taken.rowCount === 0) {
        const { rows } = await client.query<{ same: boolean; answer: Answer }>(
          "SELECT fingerprint = $3 AS same, answer FROM idempotency_keys WHERE scope = $1 AND key = $2",
          [scope, key, fingerprint],
        );
        const [kept] = rows;
        // Forgotten between the two statements: as if it had not been there.
        if (!kept) throw new Problem(409, "The key was just forgotten. Try again.", { retryAfter: 1 });
        if (!kept.same) throw new Problem(422, "Idempotency-Key was used for another request.");
        return { answer: kept.answer, replayed: true };
      }
      const answer = await work(client);
      await client.query("UPDATE idempotency_keys SET answer = $3 WHERE scope = $1 AND key = $2", [
        scope,
        key,
        JSON.stringify(answer ?? null),
      ]);
      return { answer, replayed: false };
    });
  }

  /** Forgets keys that are older than callers try again. @returns how many */
  async forget(hours = 24): Promise<number> {
    const text = "DELETE FROM idempotency_keys WHERE created_at < now() - make_interval(hours => $1)";
    return (await this.#pool.query(text, [hours])).rowCount ?? 0;
  }
}
