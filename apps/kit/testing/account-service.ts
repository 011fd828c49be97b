import type pg from "pg";
import { AccountLinks } from "../src/accounts/links.ts";
import { addAccountRoutes } from "../src/accounts/account-routes.ts";
import { AccountSessions } from "../src/accounts/account-sessions.ts";
import { Accounts, type AccountsOptions } from "../src/accounts/accounts.ts";
import { accountVariables } from "../src/accounts/config.ts";
import { accountTables } from "../src/accounts/tables.ts";
import { createPool } from "../src/database/database.ts";
import { Api } from "../src/http/api.ts";
import { Passwords } from "../src/passwords/passwords.ts";
import { databaseVariables, readEnv, serviceVariables } from "../src/service/config.ts";
import { Health } from "../src/service/health.ts";
import { createLogger } from "../src/service/logger.ts";
import { createMetrics } from "../src/service/metrics.ts";
import { startService } from "../src/service/service.ts";
import { addSessionRoutes } from "../src/sign-in/session-routes.ts";
import { SignIn } from "../src/sign-in/sign-in.ts";
import { signInRules } from "../src/sign-in/sign-in-config.ts";
import { TestBrowser } from "./openid-issuer.ts";
import { createTables } from "./tables.ts";

/** Hashes that cost nothing, where a test is not about them. */
export const cheap = { memory: 64, passes: 1, parallelism: 1 };

/** What a replica is started with. */
export interface AccountServiceOptions extends Pick<AccountsOptions, "onDelete" | "attempts"> {
  environment: Record<string, string>;
  passwords?: Passwords;
  perMinute?: number;
  lines?: string[];
  /** As of `AccountSessions`. */
  believed?: number;
}

/** A replica of a service that has nothing but accounts. */
export type AccountService = Awaited<ReturnType<typeof startAccountService>>;

/** Starts a replica; those with the same database are one service. */
export async function startAccountService(options: AccountServiceOptions) {
  const {
    environment,
    lines,
    believed,
    perMinute = 10_000,
    passwords = new Passwords({ cost: cheap }),
    ...rest
  } = options;
  const config = readEnv(
    { ...serviceVariables, ...databaseVariables, ...accountVariables },
    { PORT: "0", METRICS_PORT: "0", SHUTDOWN_DELAY_MS: "0", SESSION_KEY: "k".repeat(32), ...environment },
    signInRules,
  );
  const logger = createLogger(config, { write: (line) => lines?.push(line) });
  const metrics = createMetrics();
  const pool = createPool(config, logger);
  const links = new AccountLinks(pool);
  const sessions = new AccountSessions({
    config,
    pool,
    logger,
    links,
    metrics,
    ...(believed !== undefined && { believed }),
  });
  const accounts = new Accounts({ pool, passwords, metrics, ...rest });
  const signIn = config.OIDC_ISSUER === undefined ? undefined : new SignIn(config);
  const api = new Api({ title: "accounts", version: "1" });
  addSessionRoutes(api, { config, logger, sessions, ...(signIn && { signIn }) });
  addAccountRoutes(api, { config, accounts, sessions, links, signIn, perMinute });
  const service = await startService({ config, logger, api, health: new Health(), metrics, workers: [sessions] });
  return {
    origin: `http://127.0.0.1:${service.port}`,
    pool,
    sessions,
    config,
    logger,
    metrics,
    async [Symbol.asyncDispose]() {
      await service.stop();
      await pool.end();
    },
  };
}

/** Makes the tables of accounts. */
export const createAccountTables = (pool: pg.Pool): Promise<void> => createTables(pool, accountTables());

/** A browser that speaks JSON to a service. */
export class AccountBrowser extends TestBrowser {
  async send(method: string, address: string, body?: unknown) {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { "Content-Type": "application/json" };
    const answer = await this.ask(address, { method, headers, ...json });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: (text ? JSON.parse(text) : undefined) as never };
  }
}
