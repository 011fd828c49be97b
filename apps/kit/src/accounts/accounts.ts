import type { Pool, PoolClient } from "pg";
import { Counter } from "prom-client";
import { inTransaction, isTaken } from "../database/database.ts";
import { Problem } from "../http/problems.ts";
import type { Passwords, Verdict } from "../passwords/passwords.ts";
import type { Metrics } from "../service/metrics.ts";
import { Attempts } from "./attempts.ts";
import type { Email } from "./input.ts";
import { endAllOf } from "./sign-ins.ts";

/** An account, as its owner sees it. */
export interface Account {
  id: string;
  name: string;
  email: string | null;
  hasPassword: boolean;
}

/** What `Accounts` needs. */
export interface AccountsOptions {
  pool: Pool;
  passwords: Passwords;
  metrics: Metrics;
  attempts?: Attempts;
  /** What a service does with its own rows of a person, in the transaction that deletes the account. */
  onDelete?: (client: PoolClient, account: string) => Promise<void>;
}

interface Row {
  id: string;
  name: string;
  email: string | null;
  password_hash: string | null;
}

const columns = "id, name, email, password_hash";

/** One text for both, so that nobody learns who has an account. */
const wrong = () => new Problem(401, "The e-mail address or the password is wrong.");
const taken = () => new Problem(409, "There is an account with this e-mail address. Sign in, or take another address.");

/** The accounts of a service, with their passwords; needs the table `accounts`. */
export class Accounts {
  readonly #pool: Pool;
  readonly #passwords: Passwords;
  readonly #attempts: Attempts;
  readonly #tried: Counter<"outcome">;
  readonly #onDelete: AccountsOptions["onDelete"];

  constructor({ pool, passwords, metrics, attempts = new Attempts(), onDelete }: AccountsOptions) {
    this.#tried = new Counter({
      name: "password_attempts_total",
      help: "Passwords that were tried, by outcome: right, wrong.",
      labelNames: ["outcome"],
      registers: [metrics.registry],
    });
    this.#pool = pool;
    this.#passwords = passwords;
    this.#attempts = attempts;
    this.#onDelete = onDelete;
  }

  /** Makes an account with a password. @throws Problem 409 when the address has one */
  async register(who: { name: string; email: Email; password: string }): Promise<Account> {
    const hash = await this.#passwords.hash(who.password);
    const { rows } = await this.#pool.query<Row>(
      `INSERT INTO accounts (name, email, email_key, password_hash) VALUES ($1, $2, $3, $4)
       ON CONFLICT (email_key) DO NOTHING RETURNING ${columns}`,
      [who.name, who.email.shown, who.email.key, hash],
    );
    if (!rows[0]) throw taken();
    return accountOfRow(rows[0]);
  }

  /**
   * Who has this address and password. Takes the same time, and says the same, for an address that nobody has.
   *
   * @throws Problem 401, 429 after too many wrong ones, 503 when too many sign in
   */
  async check(email: Email, password: string): Promise<Account> {
    await this.#attempts.count(email.key);
    const { rows } = await this.#pool.query<Row>(`SELECT ${columns} FROM accounts WHERE email_key = $1`, [email.key]);
    const [row] = rows;
    const { good, rehashed } = await this.#try(password, row?.password_hash ?? undefined);
    if (!row || !good) throw wrong();
    await this.#attempts.forget(email.key);
    // Only the hash that was tried: a password that was changed meanwhile stays changed.
    if (rehashed !== undefined)
      await this.#pool.query("UPDATE accounts SET password_hash = $3 WHERE id = $1 AND password_hash = $2", [
        row.id,
        row.password_hash,
        rehashed,
      ]);
    return accountOfRow(row);
  }

  /** @throws Problem 401 when the account is gone */
  async read(id: string): Promise<Account> {
    return accountOfRow(await this.#row(id));
  }

  /**
   * Asks once more who it is, before something that a stolen session must not do.
   *
   * @param password needed where the account has one; otherwise the person must have signed in within ten minutes
   * @throws Problem 403, or 429 after too many wrong passwords
   */
  async confirm(id: string, since: Date, password: string | undefined): Promise<void> {
    const row = await this.#row(id);
    if (row.password_hash === null) {
      if (Date.now() - since.getTime() < 600_000) return;
      throw new Problem(403, "Sign in again first: this needs a sign-in within the last ten minutes.");
    }
    if (password === undefined) throw new Problem(403, "This needs your password.");
    await this.#attempts.count(id);
    if (!(await this.#try(password, row.password_hash)).good) throw new Problem(403, "The password is wrong.");
    await this.#attempts.forget(id);
  }

  /** Sets a password; `email` where the account has no address yet. Confirm first. @throws Problem 400, 409 */
  async setPassword(id: string, password: string, email?: Email): Promise<void> {
    const hash = await this.#passwords.hash(password);
    const { email: has } = await this.#row(id);
    if (has === null && !email) throw new Problem(400, "An e-mail address is needed to sign in by a password.");
    await this.#pool
      .query(
        `UPDATE accounts SET password_hash = $2, email = coalesce(email, $3), email_key = coalesce(email_key, $4)
         WHERE id = $1`,
        [id, hash, email?.shown ?? null, email?.key ?? null],
      )
      .catch((error: unknown) => {
        if (isTaken(error)) throw taken();
        throw error;
      });
  }

  /** Deletes an account and all that hangs on it, with what the service adds, and ends its sessions. */
  async delete(id: string): Promise<void> {
    await inTransaction(this.#pool, async (client) => {
      // Nobody signs in meanwhile: a session would refer to the row.
      await client.query("SELECT FROM accounts WHERE id = $1 FOR UPDATE", [id]);
      await this.#onDelete?.(client, id);
      await endAllOf(client, id);
      await client.query("DELETE FROM accounts WHERE id = $1", [id]);
    });
  }

  async #try(password: string, stored: string | undefined): Promise<Verdict> {
    const verdict = await this.#passwords.try(password, stored);
    this.#tried.inc({ outcome: verdict.good ? "right" : "wrong" });
    return verdict;
  }

  async #row(id: string): Promise<Row> {
    const { rows } = await this.#pool.query<Row>(`SELECT ${columns} FROM accounts WHERE id = $1`, [id]);
    if (!rows[0]) throw new Problem(401, "The account is gone.");
    return rows[0];
  }
}

function accountOfRow({ id, name, email, password_hash }: Row): Account {
  return { id, name, email, hasPassword: password_hash !== null };
}
