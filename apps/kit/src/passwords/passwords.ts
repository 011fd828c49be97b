import { bulkhead, BulkheadRejectedError } from "cockatiel";
import { Problem } from "../http/problems.ts";
import {
  formatHash,
  type HashCost,
  hashPassword,
  matches,
  nobodysHash,
  parseHash,
  usualCost,
} from "./password-hash.ts";

/** What `Passwords` may use. */
export interface PasswordsOptions {
  /** OWASP's parameters when left out. */
  cost?: HashCost;
  /** Hashes at a time: each takes the cost's memory. Two when left out, which is 14 MiB. */
  atOnce?: number;
  /** How many may wait for their turn; 30 when left out. */
  waiting?: number;
}

/** What came of a password that was tried. */
export interface Verdict {
  good: boolean;
  /** The new hash to store: the password is good, and was hashed at another cost than today's. */
  rehashed?: string;
}

/**
 * Hashes passwords with argon2id. So many at a time that memory stays bounded, however many people sign in; who would
 * have to wait too long gets a 503.
 */
export class Passwords {
  readonly #cost: HashCost;
  readonly #turns: ReturnType<typeof bulkhead>;

  constructor({ cost = usualCost, atOnce = 2, waiting = 30 }: PasswordsOptions = {}) {
    this.#cost = cost;
    this.#turns = bulkhead(atOnce, waiting);
  }

  /** @returns what to store. @throws Problem 503 when too many wait */
  async hash(password: string): Promise<string> {
    return formatHash(await this.#inTurn(() => hashPassword(password, this.#cost)));
  }

  /**
   * Tries a password.
   *
   * @param stored what `hash` returned; undefined where there is nobody or no password: takes the same time
   * @throws Problem 503 when too many wait
   */
  async try(password: string, stored: string | undefined): Promise<Verdict> {
    const known = stored === undefined ? nobodysHash(this.#cost) : parseHash(stored);
    return this.#inTurn(async () => {
      const good = (await matches(password, known)) && stored !== undefined;
      if (!good || sameCost(known.cost, this.#cost)) return { good };
      return { good, rehashed: formatHash(await hashPassword(password, this.#cost)) };
    });
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await this.#turns.execute(work);
    } catch (error) {
      if (!(error instanceof BulkheadRejectedError)) throw error;
      throw new Problem(503, "Too many people sign in right now. Try again.", { retryAfter: 2, cause: error });
    }
  }
}

function sameCost(one: HashCost, other: HashCost): boolean {
  return one.memory === other.memory && one.passes === other.passes && one.parallelism === other.parallelism;
}
