import { styleText } from "node:util";
import { openAccount, type DoctorAccount } from "../../actions/lib/doctor/account.ts";
import { blocks } from "../../actions/lib/doctor/examine.ts";
import type { Finding, FindingLevel, Subject, TokenFacts } from "../../actions/lib/doctor/finding.ts";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import type { EnvironmentTarget } from "../environment/target.ts";
import { describe } from "./describe.ts";
import { examineAll } from "./doctor.ts";
import { findToken, type GitHubSettings, openSettings } from "./github-settings.ts";
import { thisMachine } from "./machine.ts";

/** Which environment is looked at, and with whose eyes. */
export type DoctorTarget = Pick<EnvironmentTarget, "config" | "environment" | "credentials" | "directory">;

/** Looks at everything around an environment. */
export async function runDoctor(target: DoctorTarget, before: Subject["before"] = "delivery"): Promise<Finding[]> {
  const { config, environment, credentials, directory } = target;
  const github = openSettings(config.git.repository, await findToken());
  let opened: Promise<DoctorAccount> | undefined;
  const account = () => (opened ??= openAccount(config, environment, credentials));
  const machine = thisMachine(directory);
  try {
    return await examineAll({
      config,
      environment,
      directory,
      before,
      tokens: () => tokenFacts(github),
      account,
      github,
      machine,
    });
  } finally {
    (await opened?.catch(noAnswer))?.[Symbol.dispose]();
  }
}

/** What GitHub tells of its tokens; nothing where it cannot be asked. */
export async function tokenFacts(github: GitHubSettings): Promise<TokenFacts> {
  const [repository, subject] = await Promise.all([
    github.repository().catch(noAnswer),
    github.subject().catch(noAnswer),
  ]);
  return {
    ...(repository ? { ids: repository.ids } : {}),
    ...(subject?.ids === undefined ? {} : { inSubject: subject.ids }),
  };
}

function noAnswer(error: unknown): undefined {
  if (!(error instanceof SlipwayError)) throw error;
  return undefined;
}

/**
 * What `./slipway bootstrap` does first: looks at everything, tells what it found where something is wrong, and goes no
 * further where bootstrap or the deliveries after it cannot work.
 *
 * @throws SlipwayError with reason `doctor-blocks`
 */
export async function refuseBlocked(target: DoctorTarget, log: (text: string) => void): Promise<void> {
  const findings = await runDoctor(target, "bootstrap");
  const wrong = findings.filter(({ level }) => level !== "ok" && level !== "not-looked-at");
  if (wrong.length > 0) log(describe(wrong, terminal(process.stderr)));
  if (!blocks(findings)) return;
  throw new SlipwayError("The doctor found what blocks a delivery: see above.", {
    next: "Put it right, then run this again.",
    reason: "doctor-blocks",
  });
}

const colours = {
  ok: "green",
  "not-looked-at": "gray",
  advice: "yellow",
  unprotected: "magenta",
  blocks: "red",
} as const;

/** How a stream shows findings: with colours and broken lines where it is a terminal. */
export function terminal(stream: NodeJS.WriteStream): Parameters<typeof describe>[1] {
  return {
    width: stream.isTTY ? stream.columns : undefined,
    mark: (level: FindingLevel, word: string) => styleText(colours[level], word, { stream }),
  };
}
