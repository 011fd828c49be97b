import {
  databaseVariables,
  readEnv,
  serviceVariables,
  type SignInConfig,
  signInRules,
  signInVariables,
} from "@slipway/kit";
import { z } from "zod";

const perMinute = () => z.coerce.number().int().min(1).max(10_000_000);

/** How long deliveries are kept. */
export const retentionVariables = {
  /** Days after which a delivery is forgotten: a year that can be compared with the one before it, and a month. */
  RETENTION_DAYS: z.coerce.number().int().min(1).max(36_500).default(400),
};

const reportVariables = {
  /** Who signs the pipeline's tokens. */
  REPORT_ISSUER: z.url({ protocol: /^https?$/ }).default("https://token.actions.githubusercontent.com"),
  /** What the pipeline names when it asks for its token. */
  REPORT_AUDIENCE: z.string().min(1).default("slipway-console"),
  /** owner/name: the one repository whose pipeline may report. */
  REPORT_REPOSITORY: z.string().regex(/^[\w.-]+\/[\w.-]+$/, "has to be owner/name"),
  /** Its number: a repository that is made again under the old name is another one. */
  REPORT_REPOSITORY_ID: z.string().regex(/^\d+$/).optional(),
  /** The branch that delivers: runs of others, of tags and of pull requests say nothing here. */
  REPORT_BRANCH: z.string().min(1).default("main"),
};

/** What the service reads from its environment. */
export const readConfig = (environment?: NodeJS.ProcessEnv) =>
  readEnv(
    {
      ...serviceVariables,
      ...databaseVariables,
      ...signInVariables,
      ...reportVariables,
      /** Of one person, at one replica. */
      REQUESTS_PER_MINUTE: perMinute().default(600),
      /** From one address, at one replica: a delivery reports two dozen stages. */
      REPORTS_PER_MINUTE: perMinute().default(600),
    },
    environment,
    (config) => [...signInRules(config), ...reportRules(config)],
  );

function reportRules(config: SignInConfig & { REPORT_ISSUER: string }): string[] {
  const safe = config.ALLOW_HTTP_ISSUERS || config.REPORT_ISSUER.startsWith("https://");
  return safe ? [] : ["REPORT_ISSUER: has to be https"];
}

/** The service's configuration. */
export type AppConfig = ReturnType<typeof readConfig>;
