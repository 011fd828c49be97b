import type { Pool } from "pg";
import { inTransaction, isTaken } from "../database/database.ts";
import { Problem } from "../http/problems.ts";
import { type IssuedPerson, TurnedAway } from "../sign-in/person.ts";
import { emailOf } from "./input.ts";

/** An issuer by which somebody may sign in. */
export interface Link {
  issuer: string;
  since: Date;
}

/**
 * Which issuer's person is whose account; needs the table `account_links`. A person is known by the issuer's subject alone:
 * an e-mail address, proven there or not, never leads to an account that is there already, because nobody has proven to us
 * whose address it is there.
 */
export class AccountLinks {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /**
   * The account of somebody whom an issuer sent; a new one at their first visit.
   *
   * @throws TurnedAway `account-exists` when the issuer has proven an address with which somebody has registered here: who
   *   knows its password signs in by it and links the two
   */
  async accountOf(person: IssuedPerson): Promise<{ id: string; name: string }> {
    const known = await this.#find(person);
    if (known) return known;
    const email = person.email === undefined ? undefined : emailOf(person.email);
    try {
      return await inTransaction(this.#pool, async (client) => {
        const made = await client.query<{ id: string; name: string }>(
          "INSERT INTO accounts (name, email, email_key) VALUES ($1, $2, $3) RETURNING id, name",
          [person.name.slice(0, 80), email?.shown ?? null, email?.key ?? null],
        );
        const [account] = made.rows;
        if (!account) throw new Error("no account was made");
        await client.query("INSERT INTO account_links (issuer, subject, account_id) VALUES ($1, $2, $3)", [
          person.issuer,
          person.subject,
          account.id,
        ]);
        return account;
      });
    } catch (error) {
      if (!isTaken(error)) throw error;
      // Twice at the same time: the other one has made it.
      const other = await this.#find(person);
      if (other) return other;
      throw new TurnedAway("account-exists");
    }
  }

  /** Lets somebody in by an issuer from now on. @throws TurnedAway `linked-elsewhere` when it is another account's way in */
  async add(account: string, { issuer, subject }: IssuedPerson): Promise<void> {
    try {
      await this.#pool.query(
        `INSERT INTO account_links (issuer, subject, account_id) VALUES ($1, $2, $3)
         ON CONFLICT (account_id, issuer) DO UPDATE SET subject = excluded.subject, created_at = now()`,
        [issuer, subject, account],
      );
    } catch (error) {
      if (!isTaken(error)) throw error;
      const owner = await this.#find({ issuer, subject });
      if (owner?.id !== account) throw new TurnedAway("linked-elsewhere");
    }
  }

  async list(account: string): Promise<Link[]> {
    const text = "SELECT issuer, created_at AS since FROM account_links WHERE account_id = $1 ORDER BY issuer";
    return (await this.#pool.query<Link>(text, [account])).rows;
  }

  /** Takes a way in away. @throws Problem 404, or 409 when it is the last one */
  async remove(account: string, issuer: string): Promise<void> {
    await inTransaction(this.#pool, async (client) => {
      // Two removals at a time take turns, so that they cannot both leave the other one's link.
      const { rows } = await client.query<{ has: boolean }>(
        "SELECT password_hash IS NOT NULL AS has FROM accounts WHERE id = $1 FOR UPDATE",
        [account],
      );
      const removed = await client.query("DELETE FROM account_links WHERE account_id = $1 AND issuer = $2", [
        account,
        issuer,
      ]);
      if (removed.rowCount === 0) throw new Problem(404, "This issuer is not linked.");
      const { rowCount: left } = await client.query("SELECT FROM account_links WHERE account_id = $1", [account]);
      if (!rows[0]?.has && left === 0)
        throw new Problem(409, "At least one way to sign in has to stay. Set a password first.");
    });
  }

  async #find({
    issuer,
    subject,
  }: Pick<IssuedPerson, "issuer" | "subject">): Promise<{ id: string; name: string } | undefined> {
    const { rows } = await this.#pool.query<{ id: string; name: string }>(
      `SELECT accounts.id, accounts.name FROM account_links JOIN accounts ON accounts.id = account_id
       WHERE issuer = $1 AND subject = $2`,
      [issuer, subject],
    );
    return rows[0];
  }
}
