import { join } from "node:path";
import { awsCredentials, sessionName } from "../../actions/lib/aws/credentials.ts";
import { type Config, readConfig } from "../../actions/lib/config/config.ts";
import { askFor, openTerminal } from "../terminal/ask.ts";
import { bootstrap } from "./bootstrap.ts";
import { unwatchedBudgets } from "../costs/budget.ts";
import { findToken } from "../doctor/github-settings.ts";
import { describeSteps, githubSteps } from "./github-steps.ts";
import { interview, type Interviewed } from "./interview.ts";
import { type Interview, refuseSilence } from "./questions.ts";
import type { CommandResult } from "./result.ts";
import { writeSettings } from "./settings.ts";

/** What `./slipway bootstrap` is run with. */
export interface BootstrapRunOptions {
  /** The clone's folder. */
  directory: string;
  /** Answers of the command line. */
  given: Interview["given"];
  /** Nobody is asked. */
  yes: boolean;
  /** Take away what a bootstrap made. */
  destroy: boolean;
  log: (line: string) => void;
}

/** Prepares the account, or takes away what was prepared. @throws SlipwayError as its parts do */
export async function runBootstrap(options: BootstrapRunOptions): Promise<CommandResult> {
  const { directory, yes, destroy, log } = options;
  const before = await readConfig(join(directory, "slipway.yaml"));
  const confirm = yes ? () => Promise.resolve(true) : confirmed;
  if (destroy) {
    const { destroyBootstrap } = await import("./destroy.ts");
    const credentials = credentialsFor(before.aws.region);
    return destroyBootstrap({ repository: directory, config: before, credentials, confirm, log });
  }
  if (!yes && !process.stdin.isTTY) refuseSilence(options.given);
  const { settings, private: isPrivate } = await ask(options, before);
  const { config, changed } = await writeSettings(directory, settings);
  log(changed.length > 0 ? `Wrote ${changed.join(" and ")}.` : "slipway.yaml says so already.");
  const credentials = credentialsFor(config.aws.region);
  const { refuseBlocked } = await import("../doctor/run.ts");
  await refuseBlocked({ config, environment: config.deliver, credentials, directory }, log);
  const made = await bootstrap({ repository: directory, config, credentials, confirm, log });
  const budgets = unwatchedBudgets(config) ?? [];
  const steps = made.result === "declined" ? [] : [describeSteps(config, isPrivate)];
  return {
    result: { ...made, changed, steps: githubSteps(config) },
    text: [[sentences[made.result], budgets].flat().join("\n"), ...steps].join("\n\n"),
    done: made.result !== "declined",
  };
}

async function ask({ directory, given, yes, log }: BootstrapRunOptions, config: Config): Promise<Interviewed> {
  using terminal = yes ? undefined : openTerminal();
  const question = terminal && ((text: string) => terminal.ask(text));
  const credentials = credentialsFor(given.region ?? config.aws.region);
  return await interview({ directory, config, given, credentials, token: await findToken(), ask: question, log });
}

const credentialsFor = (region: string) => awsCredentials({ region, sessionName: sessionName("bootstrap") });

const sentences = {
  applied: "The account is ready.",
  unchanged: "The account was ready already: nothing changed.",
  declined: "Stopped: nothing more was made.",
} as const;

async function confirmed(question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await askFor(`${question} [y/N]`));
}
