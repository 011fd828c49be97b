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
export { connectionOf, createPool, inTransaction, isDatabaseAway } from "./database/database.ts";
export { type EventStream, EventStreams, type ServerEvent } from "./events/event-streams.ts";
export { type Check, Health, type HealthOptions } from "./service/health.ts";
export { type ClusterAccess, createSecret } from "./kubernetes/kubernetes-secret.ts";
export { type Locals, localsOf } from "./http/locals.ts";
export { createLogger, type Logger } from "./service/logger.ts";
export { createMetrics, type Metrics } from "./service/metrics.ts";
export { type MigrateOptions, migrate } from "./database/migrate.ts";
export { OneTimeLinks } from "./sign-in/one-time-links.ts";
export { Problem, type ProblemBody } from "./http/problems.ts";
export { type Limit, limited } from "./http/rate-limit.ts";
export { SealedCookie } from "./sign-in/sealed-cookie.ts";
export { securityHeaders } from "./http/security-headers.ts";
export { runMain, runService, type Service, startService } from "./service/service.ts";
export {
  addSessionRoutes,
  linkPath,
  type Session,
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
