import { argon2, type Argon2Parameters, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

/** How expensive a hash is. */
export interface HashCost {
  /** Memory in KiB. */
  memory: number;
  passes: number;
  parallelism: number;
}

/**
 * Of OWASP's five choices for argon2id, which it calls equally strong, the one with the least memory: 7 MiB, five passes,
 * one lane (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id). A service has
 * 128 MiB, and glibc keeps what a thread once had: the kit's README has what was measured.
 */
export const usualCost: HashCost = { memory: 7_168, passes: 5, parallelism: 1 };

/** A password's hash, as it is stored. */
export interface StoredHash {
  cost: HashCost;
  salt: Buffer;
  hash: Buffer;
}

const derive: (algorithm: "argon2id", parameters: Argon2Parameters) => Promise<Buffer> = promisify(argon2);
const saltLength = 16;
const hashLength = 32;

/** Hashes a password with argon2id and a new salt, off the main thread. */
export async function hashPassword(password: string, cost: HashCost): Promise<StoredHash> {
  const salt = randomBytes(saltLength);
  return { cost, salt, hash: await derive("argon2id", parameters(password, salt, cost)) };
}

/** Whether a password has a hash. Takes the same time whether it has or not. */
export async function matches(password: string, { cost, salt, hash }: StoredHash): Promise<boolean> {
  return timingSafeEqual(await derive("argon2id", parameters(password, salt, cost)), hash);
}

/** A hash that no password has, for people who do not exist: to look at it takes as long as to look at a real one. */
export function nobodysHash(cost: HashCost): StoredHash {
  return { cost, salt: randomBytes(saltLength), hash: randomBytes(hashLength) };
}

/** Writes a hash in the PHC string format, as argon2's own tools do: `$argon2id$v=19$m=7168,t=5,p=1$salt$hash`. */
export function formatHash({ cost: { memory, passes, parallelism }, salt, hash }: StoredHash): string {
  const base64 = (bytes: Buffer) => bytes.toString("base64").replace(/=+$/, "");
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(hash)}`;
}

const format =
  /^\$argon2id\$v=19\$m=(?<memory>\d{1,7}),t=(?<passes>\d{1,3}),p=(?<parallelism>\d{1,2})\$(?<salt>[\w+/]{11,64})\$(?<hash>[\w+/]{43})$/;

/** Reads what `formatHash` wrote. @throws Error when it is something else, without repeating it */
export function parseHash(text: string): StoredHash {
  const { memory, passes, parallelism, salt = "", hash = "" } = format.exec(text)?.groups ?? {};
  if (salt === "") throw new Error("What is stored is not an argon2id hash.");
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  return { cost, salt: Buffer.from(salt, "base64"), hash: Buffer.from(hash, "base64") };
}

function parameters(password: string, nonce: Buffer, { memory, passes, parallelism }: HashCost): Argon2Parameters {
  return { message: normalised(password), nonce, memory, passes, parallelism, tagLength: hashLength };
}

/** The same letters are typed as different code points on different keyboards: https://pages.nist.gov/800-63-4/sp800-63b.html */
function normalised(password: string): string {
  return password.normalize("NFKC");
}
