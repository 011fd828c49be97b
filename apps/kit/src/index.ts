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
export { connectionOf, createPool } from "./database.ts";
export { type Check, Health, type HealthOptions } from "./health.ts";
export { type ClusterAccess, createSecret } from "./kubernetes-secret.ts";
export { type Locals, localsOf } from "./locals.ts";
export { createLogger, type Logger } from "./logger.ts";
export { createMetrics, type Metrics } from "./metrics.ts";
export { type MigrateOptions, migrate } from "./migrate.ts";
export { Problem, type ProblemBody } from "./problems.ts";
export { runMain, runService, type Service, startService } from "./service.ts";
