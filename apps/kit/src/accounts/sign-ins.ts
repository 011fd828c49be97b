import { createHash, randomBytes } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import { inTransaction } from "../database/database.ts";
import type { AccountSession } from "./access-tokens.ts";
import type { TokenKey } from "./keys.ts";

/** The channel on which replicas tell each other that sessions ended. */
export const endedChannel = "sign_ins_ended";

/** A session with the refresh token that prolongs it. */
export interface BegunSession {
  session: AccountSession;
  refreshToken: string;
}

/** Seconds within which a refresh token that was used is answered once more: its first answer may have got lost. */
export const graceSeconds = 10;

const hashOf = (token: string) => createHash("sha256").update(token).digest();

/**
 * The sessions of accounts, each prolonged by refresh tokens that are good for one use; needs the tables `sign_ins`,
 * `refresh_tokens` and `ended_sign_ins`. Only hashes are stored. A token is random, each that replaces one follows from it
 * by a key.
 *
 * A token that comes again is answered with the same successor if it comes within ten seconds of its first use, and the
 * successor has not been used. Otherwise two parties have it, nobody knows which one is the thief, and the session ends for
 * both (https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2).
 */
export class SignIns {
  readonly #pool: Pool;
  readonly #keys: readonly [TokenKey, ...TokenKey[]];

  constructor(pool: Pool, keys: readonly [TokenKey, ...TokenKey[]]) {
    this.#pool = pool;
    this.#keys = keys;
  }

  /** Begins a session. */
  begin(account: { id: string; name: string }, by: AccountSession["by"], seconds: number): Promise<BegunSession> {
    const refreshToken = randomBytes(32).toString("base64url");
    return inTransaction(this.#pool, async (client) => {
      const { rows } = await client.query<Row>(
        `INSERT INTO sign_ins (account_id, by, expires_at) VALUES ($1, $2, now() + make_interval(secs => $3))
         RETURNING id, account_id, $4::text AS name, by, created_at, expires_at`,
        [account.id, by, seconds, account.name],
      );
      const session = sessionOfRow(rows[0]);
      await insert(client, session.id, refreshToken);
      return { session, refreshToken };
    });
  }

  /** @returns the session with its next token; "reused" when it was ended for that; undefined for an unknown token */
  refresh(token: string): Promise<BegunSession | "reused" | undefined> {
    return inTransaction(this.#pool, async (client) => {
      const found = await client.query<{ id: string }>("SELECT sign_in_id AS id FROM refresh_tokens WHERE hash = $1", [
        hashOf(token),
      ]);
      // Uses of one session's tokens take turns. What is read after this is what the last one left.
      const { rows } = await client.query<Row>(
        `SELECT sign_ins.id, account_id, name, by, sign_ins.created_at, expires_at
         FROM sign_ins JOIN accounts ON accounts.id = account_id
         WHERE sign_ins.id = $1 AND expires_at > now() FOR UPDATE OF sign_ins`,
        [found.rows[0]?.id],
      );
      if (!rows[0]) return undefined;
      const session = sessionOfRow(rows[0]);
      const refreshToken = await this.#successorOf(client, session.id, token);
      if (refreshToken !== undefined) return { session, refreshToken };
      await endWhere(client, "id = $1", [session.id]);
      return "reused";
    });
  }

  /** @returns undefined when the token was used before, and that is not to be forgiven */
  async #successorOf(client: PoolClient, id: string, token: string): Promise<string | undefined> {
    const used = await client.query(
      "UPDATE refresh_tokens SET used_at = clock_timestamp() WHERE hash = $1 AND used_at IS NULL",
      [hashOf(token)],
    );
    if (used.rowCount === 1) {
      const next = this.#keys[0].successorOf(token);
      await insert(client, id, next);
      return next;
    }
    // It may have been replaced under the previous key.
    const candidates = this.#keys.map((key) => key.successorOf(token));
    const { rows } = await client.query<{ hash: Buffer }>(
      `SELECT next.hash FROM refresh_tokens AS this, refresh_tokens AS next
       WHERE this.hash = $1 AND this.used_at > clock_timestamp() - make_interval(secs => $2)
         AND next.hash = ANY($3) AND next.sign_in_id = this.sign_in_id AND next.used_at IS NULL`,
      [hashOf(token), graceSeconds, candidates.map(hashOf)],
    );
    return candidates.find((candidate) => rows[0]?.hash.equals(hashOf(candidate)));
  }

  /** Ends the session of a refresh token. @returns its id */
  endByToken(token: string): Promise<string[]> {
    const which = "id = (SELECT sign_in_id FROM refresh_tokens WHERE hash = $1)";
    return inTransaction(this.#pool, (client) => endWhere(client, which, [hashOf(token)]));
  }

  /** Ends one session. */
  end(id: string): Promise<string[]> {
    return inTransaction(this.#pool, (client) => endWhere(client, "id = $1", [id]));
  }

  /** Ends all sessions of an account. @param except one that goes on @returns their ids */
  endAll(account: string, except?: string): Promise<string[]> {
    return inTransaction(this.#pool, (client) => endAllOf(client, account, except));
  }

  /** Whether a session is still there. */
  async isOpen(id: string): Promise<boolean> {
    const { rowCount } = await this.#pool.query("SELECT FROM sign_ins WHERE id = $1 AND expires_at > now()", [id]);
    return rowCount === 1;
  }

  /**
   * Those that ended before their time.
   *
   * @param since what the last call returned: what was committed late is found, too
   * @param seconds how far to look back at the first call
   */
  async endedSince(since: string | undefined, seconds: number): Promise<{ ids: string[]; now: string }> {
    const { rows } = await this.#pool.query<{ now: string; ids: string[] }>(
      `SELECT clock_timestamp()::text AS now, ARRAY(SELECT id::text FROM ended_sign_ins
         WHERE ended_at > coalesce($1::timestamptz - interval '30 seconds', now() - make_interval(secs => $2))) AS ids`,
      [since ?? null, seconds],
    );
    return rows[0] ?? { ids: [], now: "" };
  }

  /** Forgets sessions that are over, and ended ones of which no access token speaks any more. */
  async forget(seconds: number): Promise<void> {
    await this.#pool.query("DELETE FROM sign_ins WHERE expires_at < now()");
    await this.#pool.query("DELETE FROM ended_sign_ins WHERE ended_at < now() - make_interval(secs => $1)", [seconds]);
  }
}

interface Row {
  id: string;
  account_id: string;
  name: string;
  by: AccountSession["by"];
  created_at: Date;
  expires_at: Date;
}

function sessionOfRow(row: Row | undefined): AccountSession {
  if (!row) throw new Error("no session was made");
  const { id, account_id: account, name, by } = row;
  return { id, account, name, by, since: row.created_at.toISOString(), expiresAt: row.expires_at.toISOString() };
}

async function insert(client: PoolClient, id: string, token: string): Promise<void> {
  await client.query("INSERT INTO refresh_tokens (hash, sign_in_id) VALUES ($1, $2)", [hashOf(token), id]);
}

/** Ends all sessions of an account within a transaction. @returns their ids */
export function endAllOf(client: PoolClient, account: string, except?: string): Promise<string[]> {
  return endWhere(client, "account_id = $1 AND id IS DISTINCT FROM $2", [account, except ?? null]);
}

async function endWhere(client: PoolClient, which: string, values: unknown[]): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM sign_ins WHERE ${which} ORDER BY id FOR UPDATE`,
    values,
  );
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return ids;
  await client.query("INSERT INTO ended_sign_ins (id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING", [ids]);
  await client.query("DELETE FROM sign_ins WHERE id = ANY($1::uuid[])", [ids]);
  await client.query("SELECT pg_notify($1, '')", [endedChannel]);
  return ids;
}
