import { join } from "node:path";
import type { Command } from "commander";
import { askFor } from "../ask.ts";

/** What the command line may say. */
interface Options {
  yes?: boolean;
  json?: boolean;
}

/** `slipway bootstrap`: once per AWS account, by a person with administrator rights. */
export function register(program: Command): void {
  program
    .command("bootstrap")
    .description("prepare an AWS account once: state bucket, GitHub's OIDC provider, roles")
    .option("--yes", "do not ask before making anything")
    .option("--json", "print the result as JSON")
    .action(async (options: Options) => {
      const { awsCredentials, sessionName } = await import("../../actions/lib/aws.ts");
      const { readConfig } = await import("../../actions/lib/config.ts");
      const { bootstrap } = await import("../bootstrap.ts");
      const repository = join(import.meta.dirname, "..", "..");
      const config = await readConfig(join(repository, "slipway.yaml"));
      const credentials = awsCredentials({ region: config.aws.region, sessionName: sessionName("bootstrap") });
      const log = (line: string) => process.stderr.write(`${line}\n`);
      const { refuseBlocked } = await import("../doctor/run.ts");
      await refuseBlocked({ config, environment: config.deliver, credentials, directory: repository }, log);
      const confirm = options.yes ? () => Promise.resolve(true) : ask;
      const result = await bootstrap({ repository, config, credentials, confirm, log });
      const { describe, examine } = await import("../doctor/doctor.ts");
      const { findToken, openSettings } = await import("../doctor/github-settings.ts");
      const github = await examine({ config, github: openSettings(config.git.repository, await findToken()) });
      const { unwatchedBudgets } = await import("../costs/budget.ts");
      const budgets = unwatchedBudgets(config);
      const made = [sentences[result.result], ...(budgets ? [budgets] : [])].join("\n");
      const text = `${made}\n\nOn GitHub (./slipway doctor looks again):\n${describe(github)}`;
      process.stdout.write(`${options.json ? JSON.stringify({ ...result, github }) : text}\n`);
      if (result.result === "declined") process.exitCode = 1;
    });
}

const sentences = {
  applied: "The account is ready. Next: bring GitHub's settings in order, then push.",
  unchanged: "The account was ready already: nothing changed.",
  declined: "Stopped: nothing more was made.",
} as const;

async function ask(question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await askFor(`${question} [y/N]`));
}
