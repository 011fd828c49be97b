import type { Configuration } from "openid-client";

/** What the issuer says of who came back. */
export type Claims = Readonly<Record<string, unknown>>;

/** An issuer, ready to be used. */
export interface Issuer {
  configuration: Configuration;
  scope: string;
  /** The claim by which people are let in, unless configured otherwise. */
  allowedClaim: string;
  /** Whether it gives an ID token, with a nonce. */
  openId: boolean;
  /** Claims that come from elsewhere than the ID token. */
  claims?: (accessToken: string) => Promise<Claims>;
}
