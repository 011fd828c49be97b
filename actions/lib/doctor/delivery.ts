import { getIDToken } from "@actions/core";
import { type AwsCredentialProvider, tokenClaims } from "../aws/credentials.ts";
import type { Config } from "../config/config.ts";
import { group, info, warning } from "../core/runner-log.ts";
import { explain, messageOf, SlipwayError } from "../core/errors.ts";
import { stateLocation } from "../terraform/root.ts";
import { type DoctorAccount, openAccount } from "./account.ts";
import { checks } from "./checks.ts";
import { examine } from "./examine.ts";
import type { DoctorCheck, Finding, WorkflowRun, Subject } from "./finding.ts";

/** The delivery that is looked at, with the eyes of one of its jobs. */
export interface Patient {
  config: Config;
  environment: string;
  credentials: AwsCredentialProvider;
  /** The checkout's root folder; where the process works when left out. */
  directory?: string;
}

/**
 * Looks at everything before the first delivery to an environment: what stops it is better known before half of it is made.
 *
 * @throws SlipwayError with reason `doctor-blocks`
 */
export async function examineFirst(patient: Patient): Promise<void> {
  const findings = await withSubject(patient, async (subject) => {
    if (!(await isFirst(subject))) return [];
    return examine(checks, subject);
  });
  if (findings.length === 0) return;
  await group(`Doctor: the first delivery to ${patient.environment}`, async () => {
    for (const { level, title, says } of findings) info(`${level}: ${title}: ${says}`);
    return Promise.resolve();
  });
  const blocking = findings.filter(({ level }) => level === "blocks");
  if (blocking.length === 0) return;
  throw new SlipwayError(`${blocking.map(line).join("\n")}\nNothing was made yet.`, {
    next: "./slipway doctor looks again.",
    reason: "doctor-blocks",
  });
}

/** Whether the environment was never applied; `false` where that cannot be told, which is for others to say. */
async function isFirst({ config, environment, account }: Subject): Promise<boolean> {
  try {
    const { store } = await account();
    return (await store.tag(stateLocation(config, "environment", environment).key)) === undefined;
  } catch (error) {
    if (error instanceof SlipwayError) return false;
    throw error;
  }
}

/** Does a stage's work; where it fails by what the doctor knows, one more line says so. The failure stays what it is. */
export async function withDoctor<T>(patient: Patient, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const finding = await findingFor(patient, error).catch(() => undefined);
    if (finding) warning(`The doctor's finding: ${line(finding)}`);
    throw error;
  }
}

const line = ({ says, next }: Finding) => (next === undefined ? says : `${says} ${next}`).replaceAll("\n", " ");

/** The finding that explains a failure, of those checks alone that may; undefined where none does. */
export async function findingFor(
  patient: Patient,
  error: unknown,
  all: readonly DoctorCheck[] = checks,
): Promise<Finding | undefined> {
  // A defect of Slipway is explained by nothing around it; what the doctor has said needs no second time.
  if (!(error instanceof SlipwayError) || error.reason === "doctor-blocks") return undefined;
  const text = [explain(error), messageOf(error.cause ?? "")].join("\n");
  const may = all.filter(({ explains }) => explains?.test(text));
  if (may.length === 0) return undefined;
  const findings = await withSubject(patient, (subject) => examine(may, subject));
  return findings.find(({ level, says }) => level === "blocks" && !text.includes(says));
}

async function withSubject<T>(patient: Patient, work: (subject: Subject) => Promise<T>): Promise<T> {
  const { config, environment, credentials, directory = process.cwd() } = patient;
  let opened: Promise<DoctorAccount> | undefined;
  const run = runIdentity();
  const subject: Subject = {
    config,
    environment,
    directory,
    before: "delivery",
    ...(run ? { run } : {}),
    account: () => (opened ??= openAccount(config, environment, credentials)),
    async tokens() {
      const inSubject = await idsInOwnSubject();
      return { ...(run?.ids ? { ids: run.ids } : {}), ...(inSubject === undefined ? {} : { inSubject }) };
    },
  };
  try {
    return await work(subject);
  } finally {
    (await opened?.catch(() => undefined))?.[Symbol.dispose]();
  }
}

/** What GitHub says of this run; undefined outside of GitHub Actions. */
export function runIdentity(env: NodeJS.ProcessEnv = process.env): WorkflowRun | undefined {
  if (!env.GITHUB_REPOSITORY) return undefined;
  const [owner, repository] = [Number(env.GITHUB_REPOSITORY_OWNER_ID), Number(env.GITHUB_REPOSITORY_ID)];
  return { repository: env.GITHUB_REPOSITORY, ...(owner > 0 && repository > 0 ? { ids: { owner, repository } } : {}) };
}

/** Whether the `sub` of this job's own token has ids; undefined where it gets none. */
async function idsInOwnSubject(): Promise<boolean | undefined> {
  if (!process.env.ACTIONS_ID_TOKEN_REQUEST_URL) return undefined;
  const token = await getIDToken("sts.amazonaws.com").catch(() => undefined);
  return token === undefined ? undefined : /^repo:[^/]*@\d+\//.test(tokenClaims(token).sub);
}
