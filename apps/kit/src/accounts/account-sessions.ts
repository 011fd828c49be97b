import type { IncomingMessage } from "node:http";
import type { Request, RequestHandler, Response } from "express";
import type { Pool } from "pg";
import { Counter } from "prom-client";
import { Problem } from "../http/problems.ts";
import { isHttps } from "../sign-in/sign-in-config.ts";
import { TokenCookie } from "../sign-in/token-cookie.ts";
import { type IssuedPerson, TurnedAway } from "../sign-in/person.ts";
import type { Session, SessionKeeper } from "../sign-in/session-routes.ts";
import type { DatabaseConfig } from "../service/config.ts";
import type { Logger } from "../service/logger.ts";
import type { Metrics } from "../service/metrics.ts";
import type { Worker } from "../service/worker.ts";
import { type AccountSession, accountSessionSchema, AccessTokenReader, signAccessToken } from "./access-tokens.ts";
import type { AccountConfig } from "./config.ts";
import { EndedSessions } from "./ended.ts";
import { type TokenKey, tokenKeyOf } from "./keys.ts";
import type { AccountLinks } from "./links.ts";
import { type BegunSession, SignIns } from "./sign-ins.ts";

/** What `AccountSessions` needs. */
export interface AccountSessionsOptions {
  config: AccountConfig & Omit<DatabaseConfig, "DATABASE_POOL_SIZE">;
  pool: Pool;
  logger: Logger;
  links: AccountLinks;
  metrics: Metrics;
  /** Milliseconds for which a replica believes what it knows of ended sessions; 15 s when left out. */
  believed?: number;
}

/**
 * Who is signed in with an account, by a password or by an issuer: a short access token in a cookie that every route gets,
 * and a refresh token in one that only `/api/session` gets. Give it to `runService` among `workers`.
 */
export class AccountSessions implements SessionKeeper, Worker {
  readonly schema = accountSessionSchema;
  /** Also without an access token: who signs out must not be kept by a cookie that outlived it. */
  readonly beforeEnd = [];
  readonly keys: readonly [TokenKey, ...TokenKey[]];
  readonly #options: AccountSessionsOptions;
  readonly #signIns: SignIns;
  readonly #ended: EndedSessions;
  readonly #reader: AccessTokenReader;
  readonly #access: TokenCookie;
  readonly #count: ReturnType<typeof createCounts>;
  readonly #refresh: TokenCookie;

  constructor(options: AccountSessionsOptions) {
    const { config, pool } = options;
    this.#options = options;
    this.#count = createCounts(options.metrics);
    this.keys = [tokenKeyOf(config.SESSION_KEY), ...config.SESSION_KEYS_BEFORE.map(tokenKeyOf)];
    this.#signIns = new SignIns(pool, this.keys);
    this.#ended = new EndedSessions(this.#signIns, {
      config,
      logger: options.logger,
      seconds: config.ACCESS_SECONDS,
      believed: options.believed,
    });
    this.#reader = AccessTokenReader.ofKeys(this.keys);
    const secure = isHttps(config);
    this.#access = new TokenCookie({ name: "access", path: "/", sameSite: "lax", secure });
    // The browser sends it with nothing else, and never from another site.
    this.#refresh = new TokenCookie({ name: "refresh", path: "/api/session", sameSite: "strict", secure });
  }

  start(): void {
    this.#ended.start();
  }

  stop(): Promise<void> {
    return this.#ended.stop();
  }

  /** Calls `hear` once for each session that ends before its time, at any replica: `(id) => sockets.endSession(id)`. */
  onEnded(hear: (session: string) => void): void {
    this.#ended.onEnded(hear);
  }

  /** Signs somebody in. */
  async begin(
    response: Response,
    account: { id: string; name: string },
    by: AccountSession["by"],
  ): Promise<AccountSession> {
    const signedIn = await this.#signIns.begin(account, by, this.#options.config.SESSION_HOURS * 3_600);
    this.#count.begun.inc({ by });
    return this.#hand(response, signedIn);
  }

  async beginFor(response: Response, person: IssuedPerson): Promise<void> {
    if (person.subject === "") throw new Error("the issuer does not say who came");
    await this.begin(response, await this.#options.links.accountOf(person), "oidc");
  }

  /** The person who began to link comes back as the same one, or nothing is linked. */
  async link(request: Request, account: string, person: IssuedPerson): Promise<void> {
    if ((await this.read(request))?.account !== account) throw new TurnedAway("expired");
    await this.#options.links.add(account, person);
  }

  /**
   * Renews what the browser has.
   *
   * @throws Problem 401 when the session is over, or was ended because a token came twice
   */
  async refresh(request: Request, response: Response): Promise<AccountSession> {
    const token = this.#refresh.read(request);
    const answer = token === undefined ? undefined : await this.#signIns.refresh(token);
    this.#count.refreshes.inc({ outcome: answer === undefined ? "over" : answer === "reused" ? "reused" : "renewed" });
    if (answer === "reused") this.#options.logger.warn("a refresh token came twice: its session was ended");
    if (answer !== undefined && answer !== "reused") return this.#hand(response, answer);
    this.clear(response);
    throw new Problem(401, "The session is over. Sign in again.");
  }

  async end(request: Request, response: Response): Promise<void> {
    this.clear(response);
    const token = this.#refresh.read(request);
    if (token !== undefined) this.#ended.add(await this.#signIns.endByToken(token));
    const session = await this.read(request);
    if (session) this.#ended.add(await this.#signIns.end(session.id));
  }

  /** Ends all sessions of an account. @param except one that goes on */
  async endAll(account: string, except?: string): Promise<void> {
    this.#ended.add(await this.#signIns.endAll(account, except));
  }

  /** Who is asking, by the cookie or by `Authorization: Bearer`; undefined when nobody is signed in. For `Sockets`, too. */
  async read(request: IncomingMessage): Promise<AccountSession | undefined> {
    const [, bearer] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "") ?? [];
    const token = bearer ?? this.#access.read(request);
    const session = token === undefined ? undefined : await this.#reader.read(token);
    return session && (await this.#ended.isOpen(session.id)) ? session : undefined;
  }

  /** Lets only people in who are signed in; `accountOf` then says who it is. */
  readonly require: RequestHandler = async (request, response, next) => {
    const session = await this.read(request);
    if (!session) throw new Problem(401, "Nobody is signed in.");
    (response.locals as { session?: Session }).session = session;
    next();
  };

  async #hand(response: Response, { session, refreshToken }: BegunSession): Promise<AccountSession> {
    const { token, expires } = await signAccessToken(this.keys[0], session, this.#options.config.ACCESS_SECONDS);
    this.#access.set(response, token, expires);
    this.#refresh.set(response, refreshToken, new Date(session.expiresAt));
    return session;
  }

  /** Takes the cookies away from the browser. */
  clear(response: Response): void {
    this.#access.clear(response);
    this.#refresh.clear(response);
  }
}

function createCounts({ registry }: Metrics) {
  const registers = [registry];
  return {
    begun: new Counter({
      name: "sessions_begun_total",
      help: "Sessions that began, by the way in: password, oidc.",
      labelNames: ["by"],
      registers,
    }),
    refreshes: new Counter({
      name: "session_refreshes_total",
      help: "Uses of refresh tokens, by outcome: renewed, over, reused (which ends the session).",
      labelNames: ["outcome"],
      registers,
    }),
  };
}

/** Who is asking, on a route behind `AccountSessions.require`. */
export function accountOf(response: Response): AccountSession {
  const { session } = response.locals as { session?: Partial<AccountSession> };
  if (session?.account === undefined) throw new Error("The route is not behind AccountSessions.require.");
  return session as AccountSession;
}
