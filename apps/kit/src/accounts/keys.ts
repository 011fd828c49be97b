import { createHash, createHmac, createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from "node:crypto";
import type { JWK } from "jose";

/** One of a service's keys: what signs access tokens, and what refresh tokens follow from. */
export interface TokenKey {
  id: string;
  signing: KeyObject;
  /** For everybody: tells who signed, and signs nothing. */
  public: JWK;
  /** The refresh token that replaces another one. */
  successorOf(token: string): string;
}

/** What comes before the 32 bytes of an Ed25519 key in PKCS #8: https://www.rfc-editor.org/rfc/rfc8410#section-7 */
const pkcs8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** Derives the key from a secret of at least 32 characters that nobody can guess. */
export function tokenKeyOf(secret: string): TokenKey {
  const derive = (purpose: string) => Buffer.from(hkdfSync("sha256", secret, "", purpose, 32));
  const der = Buffer.concat([pkcs8, derive("access tokens")]);
  const signing = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const jwk = createPublicKey(signing).export({ format: "jwk" }) as JWK;
  const id = createHash("sha256")
    .update(jwk.x ?? "")
    .digest("base64url")
    .slice(0, 16);
  const refresh = derive("refresh tokens");
  return {
    id,
    signing,
    public: { ...jwk, kid: id, alg: "EdDSA", use: "sig" },
    successorOf: (token) => createHmac("sha256", refresh).update(token).digest("base64url"),
  };
}
