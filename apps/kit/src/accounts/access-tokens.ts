import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import type { TokenKey } from "./keys.ts";

/** Who is signed in, with an account. */
export const accountSessionSchema = z.object({
  name: z.string(),
  /** When the session ends; the access token ends before, and is renewed by `/api/session/refresh`. */
  expiresAt: z.iso.datetime(),
  by: z.enum(["password", "oidc"]),
  account: z.uuid(),
  /** The session's id: what sockets are tied to. */
  id: z.uuid(),
  /** When the person signed in. */
  since: z.iso.datetime(),
});

/** Who is signed in, with an account. */
export type AccountSession = z.output<typeof accountSessionSchema>;

const audience = "access";
const algorithms = ["EdDSA"];

/** Tells by an access token who is signed in: a service with the accounts, and any other that knows the public keys. */
export class AccessTokenReader {
  readonly #keys: JWTVerifyGetKey;

  private constructor(keys: JWTVerifyGetKey) {
    this.#keys = keys;
  }

  static ofKeys(keys: readonly TokenKey[]): AccessTokenReader {
    return new AccessTokenReader(createLocalJWKSet({ keys: keys.map((key) => key.public) }));
  }

  /**
   * For another service, which then needs no table and no secret: keys are read from `/api/session/keys` of the one with
   * the accounts, kept, and asked for again when a token has an unknown one. While that one is away, known keys go on.
   */
  static at(url: string): AccessTokenReader {
    return new AccessTokenReader(createRemoteJWKSet(new URL(url), { cacheMaxAge: Infinity, timeoutDuration: 2_000 }));
  }

  /** @returns undefined for what is forged, over, or no token; throws when the keys cannot be had */
  async read(token: string): Promise<AccountSession | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.#keys, { algorithms, audience, requiredClaims: ["exp"] });
      return accountSessionSchema.safeParse(payload["session"]).data;
    } catch (error) {
      const isTokensFault = error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout);
      if (isTokensFault && error.code !== "ERR_JOSE_GENERIC") return undefined;
      throw error;
    }
  }
}

/** Makes an access token. @param seconds how long it is good for, at most until the session ends */
export async function signAccessToken(
  key: TokenKey,
  session: AccountSession,
  seconds: number,
): Promise<{ token: string; expires: Date }> {
  const end = Math.min(Date.now() + seconds * 1_000, Date.parse(session.expiresAt));
  const expires = new Date(end);
  const token = await new SignJWT({ session })
    .setProtectedHeader({ alg: "EdDSA", kid: key.id })
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(key.signing);
  return { token, expires };
}
