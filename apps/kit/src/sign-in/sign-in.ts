import { z } from "zod";
import { isGitHub, openGitHub } from "./sign-in-github.ts";
import type { SignInConfig } from "./sign-in-config.ts";
import type { Claims, Issuer } from "./issuer.ts";
import { type IssuedPerson, TurnedAway } from "./person.ts";

/** What has to be remembered between leaving for the issuer and coming back: kept in a sealed cookie. */
export const flowSchema = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
  /** The account to which the issuer is linked; somebody signs in when it is left out. */
  link: z.string().optional(),
});

/** One person's way to the issuer and back. */
export type Flow = z.output<typeof flowSchema>;

/**
 * Signing in by OpenID Connect: the authorization code flow with PKCE, state and nonce
 * (https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth), all of it openid-client's work. The issuer is
 * asked for its addresses when the first person signs in, and again when that failed.
 */
export class SignIn {
  readonly #config: SignInConfig & { PUBLIC_URL: string };
  readonly #open: () => Promise<Issuer>;
  #issuer: Promise<Issuer> | undefined;

  /** @param open how the issuer is found; as configured when left out */
  constructor(config: SignInConfig, open = () => (isGitHub(config) ? openGitHub(config) : discover(config))) {
    this.#config = { ...config, PUBLIC_URL: config.PUBLIC_URL ?? "" };
    this.#open = open;
  }

  /** Begins: where to send the browser, and what to remember of it. */
  async start(returnTo: string): Promise<{ location: string; flow: Flow }> {
    const client = await import("openid-client");
    const { configuration, scope, openId } = await this.#issuerNow();
    const flow = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
      returnTo,
    };
    const location = client.buildAuthorizationUrl(configuration, {
      redirect_uri: new URL(this.#config.OIDC_CALLBACK_PATH, this.#config.PUBLIC_URL).href,
      scope,
      state: flow.state,
      code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: "S256",
      ...(openId && { nonce: flow.nonce }),
    });
    return { location: location.href, flow };
  }

  /**
   * Ends: who came back.
   *
   * @param path the callback's path with its query, as the browser asked for it
   * @throws TurnedAway `not-allowed`, or openid-client's error for an answer that is not the issuer's to this flow
   */
  async finish(path: string, flow: Flow): Promise<IssuedPerson> {
    const client = await import("openid-client");
    const { configuration, openId, allowedClaim, claims: others } = await this.#issuerNow();
    const tokens = await client.authorizationCodeGrant(configuration, new URL(path, this.#config.PUBLIC_URL), {
      pkceCodeVerifier: flow.verifier,
      expectedState: flow.state,
      ...(openId && { expectedNonce: flow.nonce, idTokenExpected: true }),
    });
    const claims: Claims = others ? await others(tokens.access_token) : { ...tokens.claims() };
    const claim = this.#config.OIDC_ALLOWED_CLAIM ?? allowedClaim;
    if (!isAllowed(claims, claim, this.#config.OIDC_ALLOWED))
      throw new TurnedAway("not-allowed", `not on the list by ${claim}`);
    return personOf(claims, this.#config.OIDC_ISSUER ?? "");
  }

  #issuerNow(): Promise<Issuer> {
    this.#issuer ??= this.#open().catch((error: unknown) => {
      this.#issuer = undefined;
      throw error;
    });
    return this.#issuer;
  }
}

async function discover(config: SignInConfig): Promise<Issuer> {
  const client = await import("openid-client");
  const { OIDC_ISSUER = "", OIDC_CLIENT_ID = "", OIDC_CLIENT_SECRET: secret, OIDC_SCOPE } = config;
  const authentication = secret ? client.ClientSecretBasic(secret) : client.None();
  // http for rehearsals only; the configuration's rules refuse it elsewhere.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out
  const options = { execute: config.ALLOW_HTTP_ISSUERS ? [client.allowInsecureRequests] : [], timeout: 10 };
  const url = new URL(OIDC_ISSUER);
  const configuration = await client.discovery(url, OIDC_CLIENT_ID, undefined, authentication, options);
  return { configuration, scope: OIDC_SCOPE ?? "openid profile email", allowedClaim: "email", openId: true };
}

/** Whether the list has what a claim says; a claim may be a list itself, such as `groups`. */
export function isAllowed(claims: Claims, claim: string, allowed: readonly string[]): boolean {
  if (allowed.includes("*")) return true;
  // Anybody can write any address into an account; only the issuer's word that it is theirs counts.
  if (claim === "email" && claims["email_verified"] !== true) return false;
  const values = [claims[claim]].flat().filter((value) => typeof value === "string");
  const lower = allowed.map((entry) => entry.toLowerCase());
  return values.some((value) => lower.includes(value.toLowerCase()));
}

function personOf(claims: Claims, issuer: string): IssuedPerson {
  // GitHub names people by a number; a login may be given to somebody else later.
  const subject = [claims["sub"], claims["id"]].find((claim) => typeof claim === "string" || typeof claim === "number");
  const email = claims["email_verified"] === true && typeof claims["email"] === "string" ? claims["email"] : undefined;
  return { name: nameOf(claims), issuer, subject: String(subject ?? ""), ...(email !== undefined && { email }) };
}

function nameOf(claims: Claims): string {
  const names = ["name", "preferred_username", "login", "email", "sub"].map((claim) => claims[claim]);
  return names.find((name): name is string => typeof name === "string" && name !== "")?.slice(0, 200) ?? "somebody";
}
