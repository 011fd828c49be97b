export { AccessTokenReader, type AccountSession, accountSessionSchema } from "./accounts/access-tokens.ts";
export { type AccountRoutes, addAccountRoutes } from "./accounts/account-routes.ts";
export { accountOf, AccountSessions, type AccountSessionsOptions } from "./accounts/account-sessions.ts";
export { type Account, Accounts, type AccountsOptions } from "./accounts/accounts.ts";
export { type AttemptLimit, Attempts } from "./accounts/attempts.ts";
export { type AccountConfig, accountVariables } from "./accounts/config.ts";
export { AccountLinks } from "./accounts/links.ts";
export { Api, type ApiInfo, type Call, type RouteSpec } from "./http/api.ts";
export { createApp } from "./http/app.ts";
export {
  ConfigError,
  type DatabaseConfig,
  databaseVariables,
  milliseconds,
  port,
  readEnv,
  type ServiceConfig,
  serviceVariables,
} from "./service/config.ts";
export { connectionOf, createPool, inTransaction, isDatabaseAway, isTaken } from "./database/database.ts";
export { Listener, type ListenerEvents, type ListenerOptions } from "./database/listener.ts";
export { Watcher, type WatcherOptions } from "./database/watcher.ts";
export { type DispatcherOptions, OutboxDispatcher } from "./outbox/dispatcher.ts";
export { Inbox } from "./outbox/inbox.ts";
export { appendToOutbox, type NewMessage, type OutboxMessage } from "./outbox/outbox.ts";
export { type EventStream, EventStreams, type ServerEvent } from "./events/event-streams.ts";
export { type Check, Health, type HealthOptions } from "./service/health.ts";
export { type ClusterAccess, createSecret } from "./kubernetes/kubernetes-secret.ts";
export { type Locals, localsOf } from "./http/locals.ts";
export { createLogger, type Logger } from "./service/logger.ts";
export { createMetrics, type Metrics } from "./service/metrics.ts";
export { type MigrateOptions, migrate } from "./database/migrate.ts";
export { deadlineOf } from "./http/deadlines.ts";
export { Deadline, deadlineHeader } from "./resilience/deadline.ts";
export { type CallOptions, Dependency, type DependencyOptions } from "./resilience/dependency.ts";
export { idempotencyKeyOf, IdempotencyKeys, type OnceCall } from "./resilience/idempotency.ts";
export { OneTimeLinks } from "./sign-in/one-time-links.ts";
export { type HashCost, usualCost } from "./passwords/password-hash.ts";
export { Passwords, type PasswordsOptions, type Verdict } from "./passwords/passwords.ts";
export { Problem, type ProblemBody } from "./http/problems.ts";
export { type Limit, limited } from "./http/rate-limit.ts";
export { type IssuedPerson, TurnedAway, type TurnedAwayReason } from "./sign-in/person.ts";
export { SealedCookie } from "./sign-in/sealed-cookie.ts";
export { closing, type ClosingCode } from "./sockets/closing.ts";
export type { SocketLimits } from "./sockets/limits.ts";
export { Socket, type SocketOwner } from "./sockets/socket.ts";
export { Sockets, type SocketsOptions } from "./sockets/sockets.ts";
export type { LongLived } from "./events/long-lived.ts";
export type { Worker } from "./service/worker.ts";
export { securityHeaders } from "./http/security-headers.ts";
export { runMain, runService, type Service, startService } from "./service/service.ts";
export {
  addSessionRoutes,
  linkPath,
  type Session,
  type SessionKeeper,
  sessionOf,
  Sessions,
  sessionSchema,
  sessionSecurity,
} from "./sign-in/session-routes.ts";
export { SignIn } from "./sign-in/sign-in.ts";
export { flag, type SignInConfig, signInRules, signInVariables } from "./sign-in/sign-in-config.ts";
export {
  claimsOf,
  requireWorkflow,
  type WorkflowClaims,
  type WorkflowIssuer,
  WorkflowTokens,
} from "./sign-in/workflow-token.ts";
