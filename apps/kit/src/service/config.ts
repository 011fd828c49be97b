import { z } from "zod";

/** A configuration that cannot be used. The message names every variable that is wrong, one a line. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Reads a service's configuration once, at its start.
 *
 * @param shape one zod schema per environment variable; an empty variable counts as absent
 * @param environment where to read, `process.env` when left out
 * @param rules what has to hold between the values: one line, beginning with a variable's name, for each that does not
 * @returns the parsed values, frozen
 * @throws ConfigError naming every wrong variable at once, without repeating values (they may be secrets)
 */
export function readEnv<Shape extends z.ZodRawShape>(
  shape: Shape,
  environment: NodeJS.ProcessEnv = process.env,
  rules: (values: z.output<z.ZodObject<Shape>>) => string[] = () => [],
): Readonly<z.output<z.ZodObject<Shape>>> {
  const given = Object.fromEntries(
    Object.keys(shape).map((name) => [name, environment[name] === "" ? undefined : environment[name]]),
  );
  const parsed = z.object(shape).safeParse(given);
  const faults = parsed.success
    ? rules(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  if (parsed.success && faults.length === 0) return Object.freeze(parsed.data);
  const lines = faults.map((fault) => `  ${fault}`);
  throw new ConfigError(`The environment is missing something or holds bad values:\n${lines.join("\n")}`);
}

/** A TCP port; 0 asks the system for a free one. */
export const port = () => z.coerce.number().int().min(0).max(65_535);

/** A duration in milliseconds. */
export const milliseconds = () => z.coerce.number().int().min(0).max(600_000);

/** What every service reads. Spread it into the service's own shape. */
export const serviceVariables = {
  /** Where the API listens. */
  PORT: port().default(8000),
  /** Where Prometheus scrapes; apart from the API, so that no gateway can expose it. */
  METRICS_PORT: port().default(9090),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  /** The replica's name in answers and history; Kubernetes sets it to the pod's name. */
  HOSTNAME: z.string().min(1).default("localhost"),
  /** What is running. Of an image reference only the digest is kept: the registry's address names the account. */
  SERVICE_VERSION: z
    .string()
    .min(1)
    .default("development")
    .transform((version) => version.slice(version.indexOf("@") + 1)),
  /**
   * The only peers whose X-Forwarded-For and X-Request-Id are believed: addresses, CIDRs, or the names loopback,
   * linklocal and uniquelocal (https://expressjs.com/en/guide/behind-proxies.html), separated by commas. Nobody by default.
   */
  TRUSTED_PROXIES: z
    .string()
    .default("")
    .transform((list) =>
      list
        .split(",")
        .map((entry) => entry.trim())
        .filter(Boolean),
    ),
  /** Who knows it may inject faults, at /faults on the metrics' port; without it there is no such thing. */
  FAULT_TOKEN: z.string().min(32).optional(),
  /** From "not ready" until connections are closed: as long as it takes every node to stop routing to the pod. */
  SHUTDOWN_DELAY_MS: milliseconds().default(5_000),
  /** After this the process ends whatever is still open. Keep the pod's grace period above it. */
  SHUTDOWN_TIMEOUT_MS: milliseconds().default(25_000),
};

/** What a service with a PostgreSQL database reads. */
export const databaseVariables = {
  DATABASE_HOST: z.string().min(1),
  DATABASE_PORT: port().default(5432),
  DATABASE_NAME: z.string().min(1),
  DATABASE_USER: z.string().min(1),
  DATABASE_PASSWORD: z.string().min(1),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(100).default(10),
};

/** The values of `serviceVariables`. */
export type ServiceConfig = Readonly<z.output<z.ZodObject<typeof serviceVariables>>>;

/** The values of `databaseVariables`. */
export type DatabaseConfig = Readonly<z.output<z.ZodObject<typeof databaseVariables>>>;
