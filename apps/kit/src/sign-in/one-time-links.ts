import { createHash, randomBytes } from "node:crypto";
import type { Pool } from "pg";
import { inTransaction } from "../database/database.ts";

/** How long a link is good for. */
const hours = 24;

/** Replicas that start side by side take turns on it. */
const lockKey = 7_141_834;

/**
 * Links with which one person may sign in once, where no issuer is configured yet. The service's migrations make the
 * table `sign_in_links (hash bytea PRIMARY KEY, expires_at timestamptz NOT NULL, used_at timestamptz)`. Only a hash is
 * stored: who reads the database cannot sign in with it. Nobody guesses 32 random bytes, so a fast hash does.
 */
export class OneTimeLinks {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Makes a link's token, good for 24 hours and one use. */
  async create(): Promise<string> {
    const token = newToken();
    await this.#pool.query(insert("true"), [hashOf(token), hours]);
    return token;
  }

  /** Makes the first token ever; undefined when there was one, also of another replica that starts right now. */
  async createFirst(): Promise<string | undefined> {
    const token = newToken();
    const made = await inTransaction(this.#pool, async (client) => {
      await client.query("SELECT pg_advisory_xact_lock($1)", [lockKey]);
      return client.query(insert("NOT EXISTS (SELECT FROM sign_in_links)"), [hashOf(token), hours]);
    });
    return made.rowCount === 1 ? token : undefined;
  }

  /** Uses a token up. @returns whether it was good */
  async use(token: string): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      "UPDATE sign_in_links SET used_at = now() WHERE hash = $1 AND used_at IS NULL AND expires_at > now()",
      [hashOf(token)],
    );
    return rowCount === 1;
  }
}

const insert = (condition: string) =>
  `INSERT INTO sign_in_links (hash, expires_at) SELECT $1, now() + make_interval(hours => $2) WHERE ${condition}`;
const newToken = () => randomBytes(32).toString("base64url");
const hashOf = (token: string) => createHash("sha256").update(token).digest();
