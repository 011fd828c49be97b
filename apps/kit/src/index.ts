export { Api, type ApiInfo, type Call, type RouteSpec } from "./api.ts";
export { createApp } from "./app.ts";
export {
  ConfigError,
  type DatabaseConfig,
  databaseVariables,
  milliseconds,
  port,
  readEnv,
  type ServiceConfig,
  serviceVariables,
} from "./config.ts";
export { connectionOf, createPool, inTransaction, isDatabaseAway } from "./database.ts";
export { type EventStream, EventStreams, type ServerEvent } from "./event-streams.ts";
export { type Check, Health, type HealthOptions } from "./health.ts";
export { type ClusterAccess, createSecret } from "./kubernetes-secret.ts";
export { type Locals, localsOf } from "./locals.ts";
export { createLogger, type Logger } from "./logger.ts";
export { createMetrics, type Metrics } from "./metrics.ts";
export { type MigrateOptions, migrate } from "./migrate.ts";
export { OneTimeLinks } from "./one-time-links.ts";
export { Problem, type ProblemBody } from "./problems.ts";
export { type Limit, limited } from "./rate-limit.ts";
export { SealedCookie } from "./sealed-cookie.ts";
export { securityHeaders } from "./security-headers.ts";
export { runMain, runService, type Service, startService } from "./service.ts";
export {
  addSessionRoutes,
  linkPath,
  type Session,
  sessionOf,
  Sessions,
  sessionSchema,
  sessionSecurity,
} from "./session-routes.ts";
export { SignIn } from "./sign-in.ts";
export { flag, type SignInConfig, signInRules, signInVariables } from "./sign-in-config.ts";
export {
  claimsOf,
  requireWorkflow,
  type WorkflowClaims,
  type WorkflowIssuer,
  WorkflowTokens,
} from "./workflow-token.ts";
