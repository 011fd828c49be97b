import type { Issuer } from "./issuer.ts";
import type { SignInConfig } from "./sign-in-config.ts";

/** https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps */
const github = {
  issuer: "https://github.com",
  authorization_endpoint: "https://github.com/login/oauth/authorize",
  token_endpoint: "https://github.com/login/oauth/access_token",
};

/** https://docs.github.com/en/rest/users/users#get-the-authenticated-user */
const user = "https://api.github.com/user";

/** Whether the issuer is GitHub: people sign in there by OAuth 2.0, without an ID token. */
export function isGitHub({ OIDC_ISSUER }: Pick<SignInConfig, "OIDC_ISSUER">): boolean {
  return OIDC_ISSUER?.replace(/\/$/, "") === github.issuer;
}

/**
 * GitHub as an issuer: the same flow with PKCE and state, and the person's claims from its API. No scope is asked for:
 * the public profile is enough to know somebody by `login`.
 *
 * @param addresses other addresses, for tests
 */
export async function openGitHub(config: SignInConfig, addresses = { ...github, user }): Promise<Issuer> {
  const client = await import("openid-client");
  const { OIDC_CLIENT_ID = "", OIDC_CLIENT_SECRET = "", OIDC_SCOPE } = config;
  const { user: userAddress, ...server } = addresses;
  const configuration = new client.Configuration(
    server,
    OIDC_CLIENT_ID,
    undefined,
    client.ClientSecretPost(OIDC_CLIENT_SECRET),
  );
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out; for rehearsals alone
  if (config.ALLOW_HTTP_ISSUERS) client.allowInsecureRequests(configuration);
  return {
    configuration,
    scope: OIDC_SCOPE ?? "",
    allowedClaim: "login",
    openId: false,
    async claims(accessToken) {
      const headers = new Headers({ Accept: "application/vnd.github+json", "User-Agent": "slipway" });
      const answer = await client.fetchProtectedResource(
        configuration,
        accessToken,
        new URL(userAddress),
        "GET",
        undefined,
        headers,
      );
      if (!answer.ok) throw new Error(`${userAddress} answers ${answer.status}.`);
      return (await answer.json()) as Record<string, unknown>;
    },
  };
}
