import type { Request, RequestHandler, Response } from "express";
import { z } from "zod";
import type { Api } from "../http/api.ts";
import { localPath } from "./local-path.ts";
import type { Logger } from "../service/logger.ts";
import type { OneTimeLinks } from "./one-time-links.ts";
import { type IssuedPerson, TurnedAway, type TurnedAwayReason } from "./person.ts";
import { Problem } from "../http/problems.ts";
import { limited } from "../http/rate-limit.ts";
import { SealedCookie } from "./sealed-cookie.ts";
import { flowSchema, SignIn } from "./sign-in.ts";
import { isHttps, type SignInConfig } from "./sign-in-config.ts";

/** Who is signed in. */
export const sessionSchema = z.object({
  name: z.string(),
  expiresAt: z.iso.datetime(),
  by: z.enum(["oidc", "one-time-link"]),
});

/** Who is signed in. A service with accounts knows more: see `accountOf`. */
export interface Session extends Omit<z.output<typeof sessionSchema>, "by"> {
  by: "oidc" | "one-time-link" | "password";
}

/** How a service keeps who is signed in: `Sessions` in sealed cookies, `AccountSessions` with accounts. */
export interface SessionKeeper {
  /** What `/api/session` answers. */
  readonly schema: z.ZodType<Session>;
  /** Lets only people in who are signed in; `sessionOf` then says who it is. */
  readonly require: RequestHandler;
  /** What signing out has to pass. */
  readonly beforeEnd: readonly RequestHandler[];
  /** Signs somebody in whom the issuer sent. @throws TurnedAway */
  beginFor(response: Response, person: IssuedPerson): Promise<void>;
  /** Signs out. */
  end(request: Request, response: Response): Promise<void> | void;
  /** Lets an account's owner add the issuer as a way in; only where there are accounts. @throws TurnedAway */
  link?(request: Request, account: string, person: IssuedPerson): Promise<void>;
}

const optionsSchema = z.object({ issuer: z.string().nullable(), oneTimeLink: z.boolean() });

/** The name of the security scheme of routes for people who are signed in. */
export const sessionSecurity = "session";

/** What every cookie of a service is sealed with, and whether browsers send it over HTTPS alone. */
const sealing = (config: SignInConfig) => ({ key: config.SESSION_KEY, secure: isHttps(config) });

/** The people of a service: sealed cookies that any replica knows, given by an issuer or for a one-time link. */
export class Sessions implements SessionKeeper {
  readonly schema = sessionSchema;
  readonly cookie: SealedCookie<Session>;
  readonly #seconds: number;

  constructor(config: SignInConfig) {
    this.#seconds = config.SESSION_HOURS * 3_600;
    this.cookie = new SealedCookie({
      name: "session",
      schema: sessionSchema,
      seconds: this.#seconds,
      ...sealing(config),
    });
  }

  /** Signs somebody in. */
  async begin(response: Response, who: Pick<Session, "name" | "by">): Promise<void> {
    const expiresAt = new Date(Date.now() + this.#seconds * 1_000).toISOString();
    await this.cookie.set(response, { ...who, expiresAt });
  }

  beginFor(response: Response, { name }: IssuedPerson): Promise<void> {
    return this.begin(response, { name, by: "oidc" });
  }

  end(_request: Request, response: Response): void {
    this.cookie.clear(response);
  }

  /** Lets only people in who are signed in; `sessionOf` then says who it is. */
  readonly require: RequestHandler = (request, response, next) => {
    const pass = (session: Session | undefined) => {
      if (!session) throw new Problem(401, "Nobody is signed in.");
      (response.locals as { session?: Session }).session = session;
      next();
    };
    const found = this.cookie.read(request);
    // What is known already needs no promise.
    if (found instanceof Promise) return found.then(pass);
    pass(found);
    return undefined;
  };

  readonly beforeEnd = [this.require];
}

/** The path by which somebody with a one-time link's token signs in. */
export const linkPath = (token: string) => `/api/session/first?token=${token}`;

/** Who is asking, on a route behind `Sessions.require`. */
export function sessionOf(response: Response): Session {
  const { session } = response.locals as { session?: Session };
  if (!session) throw new Error("The route is not behind Sessions.require.");
  return session;
}

/** What signing in needs. */
export interface SessionRoutes {
  config: SignInConfig;
  logger: Logger;
  sessions: SessionKeeper;
  /** Without, nobody signs in by a one-time link. */
  links?: OneTimeLinks;
  /** As configured when left out. */
  signIn?: SignIn;
}

/** The cookie that remembers somebody on the way to the issuer and back. */
const flowCookieOf = (config: SignInConfig) =>
  new SealedCookie({ name: "sign-in", schema: flowSchema, seconds: 600, path: "/api", ...sealing(config) });

/**
 * Adds `/api/session`: who is signed in, and the ways in and out. A browser that cannot be let in is sent to
 * `/sign-in?problem=...`: `denied` (said no at the issuer), `not-allowed` (known there, not on the list), `expired` (took
 * more than ten minutes, or began in another browser), `failed` (the log has why), `link` (used, expired or wrong); with
 * accounts also `account-exists` and `linked-elsewhere`.
 */
export function addSessionRoutes(api: Api, { config, logger, sessions, links, ...rest }: SessionRoutes): void {
  const { OIDC_ISSUER: issuer } = config;
  const signIn = issuer === undefined ? undefined : (rest.signIn ?? new SignIn(config));
  const tag = "session";
  const redirect = { tag, response: null, status: 302, before: [limited({ perMinute: 60 })] };
  const flows = flowCookieOf(config);

  api.get(
    "/api/session/options",
    { summary: "How one may sign in here", tag, response: optionsSchema, before: [limited({ perMinute: 300 })] },
    () => ({
      issuer: issuer === undefined ? null : (config.OIDC_NAME ?? new URL(issuer).hostname),
      oneTimeLink: config.ONE_TIME_LINK,
    }),
  );

  const startQuery = z.object({ return: z.string().max(2_000).default("/") });
  api.get(
    "/api/session/sign-in",
    { ...redirect, summary: "Off to the issuer", query: startQuery, statuses: { 404: null } },
    async ({ query, response }) => {
      if (!signIn) throw new Problem(404, "No issuer is configured.");
      try {
        const { location, flow } = await signIn.start(localPath(query.return));
        await flows.set(response, flow);
        response.setHeader("Location", location);
      } catch (error) {
        logger.error({ err: error }, "the issuer cannot be asked");
        turnAway(response, "failed");
      }
    },
  );

  const callbackQuery = z.looseObject({ error: z.string().optional() });
  api.get(
    config.OIDC_CALLBACK_PATH,
    { ...redirect, summary: "Back from the issuer", query: callbackQuery, statuses: { 404: null } },
    async ({ query, request, response }) => {
      if (!signIn) throw new Problem(404, "No issuer is configured.");
      const flow = await flows.read(request);
      flows.clear(response);
      turnAway(response, flow ? "denied" : "expired");
      if (!flow || query.error === "access_denied") return;
      try {
        const person = await signIn.finish(request.originalUrl, flow);
        if (flow.link === undefined) await sessions.beginFor(response, person);
        else await sessions.link?.(request, flow.link, person);
        response.setHeader("Location", flow.returnTo);
      } catch (error) {
        logger.warn({ err: error }, "somebody was not signed in");
        turnAway(response, error instanceof TurnedAway ? error.reason : "failed");
      }
    },
  );

  api.get(
    "/api/session/first",
    { ...redirect, summary: "In by a one-time link", query: z.object({ token: z.string().max(200) }) },
    async ({ query, request, response }) => {
      // HEAD is asked by what previews links: it must not use one up.
      const good = config.ONE_TIME_LINK && request.method === "GET" && (await links?.use(query.token));
      turnAway(response, "link");
      if (!good || !(sessions instanceof Sessions)) return;
      await sessions.begin(response, { name: "one-time link", by: "one-time-link" });
      response.setHeader("Location", "/");
    },
  );

  const forPeople = { tag, security: sessionSecurity, before: [sessions.require] };
  api.get("/api/session", { ...forPeople, summary: "Who is signed in", response: sessions.schema }, ({ response }) =>
    sessionOf(response),
  );
  const out = { tag, security: sessionSecurity, before: sessions.beforeEnd, summary: "Out" };
  api.post("/api/session/sign-out", { ...out, response: null, status: 204 }, async ({ request, response }) => {
    await sessions.end(request, response);
  });
}

/** Begins a way to the issuer for somebody who links it to an account. @returns where to send the browser */
export async function startLink(
  response: Response,
  { config, signIn, account, returnTo }: { config: SignInConfig; signIn: SignIn; account: string; returnTo: string },
): Promise<string> {
  const { location, flow } = await signIn.start(localPath(returnTo));
  await flowCookieOf(config).set(response, { ...flow, link: account });
  return location;
}

type Refusal = "denied" | "failed" | "link" | TurnedAwayReason;

function turnAway(response: Response, problem: Refusal): void {
  response.setHeader("Location", `/sign-in?problem=${problem}`);
}
