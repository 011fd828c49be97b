import { once } from "node:events";
import { createServer } from "node:http";
import Provider, { type Configuration } from "oidc-provider";

/** An OpenID Connect issuer of a test's own, with one client and whoever signs in. */
export interface TestOpenIdIssuer extends AsyncDisposable {
  issuer: string;
  /** What a service is configured with to use it. */
  environment: Record<string, string>;
  /** The accounts by the name that is typed: their claims. */
  accounts: Map<string, Record<string, unknown>>;
}

/** Starts a certified implementation of the protocol (npm oidc-provider) with its own pages for signing in. */
export async function startOpenIdIssuer(redirectUri: string): Promise<TestOpenIdIssuer> {
  const accounts = new Map<string, Record<string, unknown>>();
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  const client = { client_id: "console", client_secret: "only-for-this-test", redirect_uris: [redirectUri] };
  const configuration: Configuration = {
    clients: [client],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
    // Its own scopes' claims go into the ID token, where a small issuer has them.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    ttl: { AccessToken: 600, IdToken: 600, Grant: 600, Interaction: 600, Session: 600 },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...accounts.get(id) }) }),
  };
  const provider = new Provider(issuer, configuration);
  // Its callback answers by itself and reports errors as events.
  const serve = provider.callback();
  server.on("request", (request, response) => void serve(request, response));
  return {
    issuer,
    accounts,
    environment: {
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: client.client_id,
      OIDC_CLIENT_SECRET: client.client_secret,
      ALLOW_HTTP_ISSUERS: "true",
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** A browser as far as signing in needs one: it follows redirects, keeps the cookies of each origin apart, and fills forms. */
export class TestBrowser {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** What it has of an origin, each as `name=value`. */
  cookiesOf(origin: string): string[] {
    return [...(this.#cookies.get(origin) ?? [])].map(([name, value]) => `${name}=${value}`);
  }

  /** Asks for one address, without following where it leads. */
  async ask(
    address: string,
    init: Omit<RequestInit, "headers"> & { headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const { origin } = new URL(address);
    const jar = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, jar);
    const Cookie = this.cookiesOf(origin).join("; ");
    const response = await fetch(address, { redirect: "manual", ...init, headers: { ...init.headers, Cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "" || /expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  /** Follows redirects until a page, or until `stop` says that the next address is far enough. */
  async follow(address: string, stop = (_next: URL) => false): Promise<{ address: string; response: Response }> {
    let response = await this.ask(address);
    let here = address;
    for (let hops = 0; hops < 20; hops += 1) {
      const location = response.headers.get("location");
      if (!location) break;
      const next = new URL(location, here);
      here = next.href;
      if (stop(next)) break;
      response = await this.ask(here);
    }
    return { address: here, response };
  }

  /** Fills the issuer's pages (sign in, then consent) and follows them until `stop`. */
  async signIn(address: string, login: string, stop: (next: URL) => boolean): Promise<string> {
    let { address: here, response } = await this.follow(address, stop);
    for (let pages = 0; pages < 3 && !stop(new URL(here)); pages += 1) {
      const page = await response.text();
      const [, action = ""] = /<form[^>]* action="([^"]+)"/.exec(page) ?? [];
      const [, prompt = ""] = /name="prompt" value="([^"]+)"/.exec(page) ?? [];
      const body = new URLSearchParams({ prompt, login, password: "any" });
      const posted = await this.ask(new URL(action, here).href, { method: "POST", body });
      ({ address: here, response } = await this.follow(new URL(posted.headers.get("location") ?? "", here).href, stop));
    }
    return here;
  }
}
