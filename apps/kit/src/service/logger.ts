import { type DestinationStream, type Logger, pino, stdTimeFunctions } from "pino";

export type { Logger } from "pino";

/** Headers and fields that never reach a log, wherever a logged object carries them. */
const secretPaths = ["authorization", "cookie", "password", "token"].flatMap((name) => [
  name,
  `*.${name}`,
  `*.headers.${name}`,
  `headers.${name}`,
]);

/**
 * A logger that writes one JSON object a line to standard output.
 *
 * @param config the least level that is written, and who writes
 * @param destination where to write instead, for tests
 */
export function createLogger(
  config: { LOG_LEVEL: string; HOSTNAME: string; SERVICE_VERSION: string },
  destination?: DestinationStream,
): Logger {
  const options = {
    level: config.LOG_LEVEL,
    base: { hostname: config.HOSTNAME, version: config.SERVICE_VERSION },
    timestamp: stdTimeFunctions.isoTime,
    redact: { paths: secretPaths, censor: "[redacted]" },
    formatters: { level: (level: string) => ({ level }) },
  };
  return destination ? pino(options, destination) : pino(options);
}
