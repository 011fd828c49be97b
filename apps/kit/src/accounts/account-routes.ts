import { z } from "zod";
import type { Api } from "../http/api.ts";
import { Problem } from "../http/problems.ts";
import { limited } from "../http/rate-limit.ts";
import { sessionSecurity, startLink } from "../sign-in/session-routes.ts";
import type { SignIn } from "../sign-in/sign-in.ts";
import { accountSessionSchema } from "./access-tokens.ts";
import { accountOf, type AccountSessions } from "./account-sessions.ts";
import type { Accounts } from "./accounts.ts";
import type { AccountConfig } from "./config.ts";
import { emailSchema, nameSchema, newPasswordSchema, triedPasswordSchema } from "./input.ts";
import type { AccountLinks } from "./links.ts";

/** What the routes need. */
export interface AccountRoutes {
  config: AccountConfig;
  accounts: Accounts;
  sessions: AccountSessions;
  links: AccountLinks;
  /** The issuer that may be linked; none when left out. Give `addSessionRoutes` the same one. */
  signIn?: SignIn | undefined;
  /** Times a minute that one address may register, sign in, or try a password; 20 when left out. */
  perMinute?: number;
}

const accountSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  email: z.string().nullable(),
  hasPassword: z.boolean(),
  links: z.array(z.object({ issuer: z.string(), since: z.iso.datetime() })),
});

/** What is asked again before something that a stolen session must not do. */
const confirmation = z.object({ password: triedPasswordSchema.optional() });

/**
 * Adds `/api/account` (register, read, delete, password, links) and to `/api/session` signing in by a password, refreshing
 * and signing out everywhere. `addSessionRoutes` with the same sessions adds the rest: who is signed in, out, the issuer.
 */
export function addAccountRoutes(api: Api, parts: AccountRoutes): void {
  const { accounts, sessions, perMinute = 20 } = parts;
  // One limit for all of them: who guesses passwords may not go on at the next route.
  const guarded = limited({ perMinute });
  const open = { tag: "account", before: [guarded], statuses: { 429: null } };

  const registration = z.object({ name: nameSchema, email: emailSchema, password: newPasswordSchema });
  api.post(
    "/api/account",
    { ...open, summary: "Register", body: registration, response: accountSessionSchema, status: 201 },
    async ({ body, response }) => sessions.begin(response, await accounts.register(body), "password"),
  );

  const credentials = z.object({ email: emailSchema, password: triedPasswordSchema });
  api.post(
    "/api/session",
    { ...open, summary: "In by a password", body: credentials, response: accountSessionSchema },
    async ({ body, response }) => sessions.begin(response, await accounts.check(body.email, body.password), "password"),
  );

  api.post(
    "/api/session/refresh",
    { ...open, before: [limited({ perMinute: 120 })], summary: "Renew the session", response: accountSessionSchema },
    ({ request, response }) => sessions.refresh(request, response),
  );

  const keys = z.object({ keys: z.array(z.looseObject({ kid: z.string() })) });
  api.get("/api/session/keys", { tag: "account", summary: "The keys of access tokens", response: keys }, () => ({
    keys: sessions.keys.map((key) => ({ ...key.public, kid: key.id })),
  }));

  addOwnRoutes(api, parts, [guarded, sessions.require]);
}

/** The routes of somebody who is signed in. */
function addOwnRoutes(
  api: Api,
  { config, accounts, sessions, links, signIn }: AccountRoutes,
  confirmed: NonNullable<Parameters<Api["get"]>[1]["before"]>,
): void {
  const own = { tag: "account", security: sessionSecurity, before: [sessions.require] };
  const empty = { response: null, status: 204 };

  api.get("/api/account", { ...own, summary: "My account", response: accountSchema }, async ({ response }) => {
    const { account } = accountOf(response);
    const linked = (await links.list(account)).map(({ issuer, since }) => ({ issuer, since: since.toISOString() }));
    return { ...(await accounts.read(account)), links: linked };
  });

  api.delete(
    "/api/account",
    { ...own, ...empty, before: confirmed, summary: "Delete my account", body: confirmation },
    async ({ body, response }) => {
      const { account, since } = accountOf(response);
      await accounts.confirm(account, new Date(since), body.password);
      await accounts.delete(account);
      sessions.clear(response);
    },
  );

  const change = z.object({
    current: triedPasswordSchema.optional(),
    password: newPasswordSchema,
    email: emailSchema.optional(),
  });
  api.post(
    "/api/account/password",
    { ...own, ...empty, before: confirmed, summary: "Set my password; ends my other sessions", body: change },
    async ({ body, response }) => {
      const { account, id, since } = accountOf(response);
      await accounts.confirm(account, new Date(since), body.current);
      await accounts.setPassword(account, body.password, body.email);
      await sessions.endAll(account, id);
    },
  );

  api.post(
    "/api/session/sign-out-everywhere",
    { ...own, ...empty, summary: "Out of all my sessions" },
    async ({ response }) => {
      await sessions.endAll(accountOf(response).account);
      sessions.clear(response);
    },
  );

  const linking = confirmation.extend({ return: z.string().max(2_000).default("/") });
  api.post(
    "/api/account/links",
    {
      ...own,
      before: confirmed,
      summary: "Begin to link the issuer; the browser goes to the answer's location",
      body: linking,
      response: z.object({ location: z.string() }),
      statuses: { 404: null },
    },
    async ({ body, response }) => {
      if (!signIn) throw new Problem(404, "No issuer is configured.");
      const { account, since } = accountOf(response);
      await accounts.confirm(account, new Date(since), body.password);
      return { location: await startLink(response, { config, signIn, account, returnTo: body.return }) };
    },
  );

  const unlinking = confirmation.extend({ issuer: z.string().max(2_000) });
  api.delete(
    "/api/account/links",
    { ...own, ...empty, before: confirmed, summary: "Unlink an issuer; one way in stays", body: unlinking },
    async ({ body, response }) => {
      const { account, since } = accountOf(response);
      await accounts.confirm(account, new Date(since), body.password);
      await links.remove(account, body.issuer);
    },
  );
}
