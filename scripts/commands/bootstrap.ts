import { join } from "node:path";
import type { Command } from "commander";
import type { QuestionName } from "../bootstrap/questions.ts";

/** What the command line may say. */
interface Options extends Partial<Record<QuestionName, string>> {
  yes?: boolean;
  destroy?: boolean;
  json?: boolean;
}

/** `slipway bootstrap`: once per AWS account, by a person with administrator rights. */
export function register(program: Command): void {
  program
    .command("bootstrap")
    .description("prepare an AWS account once: settings, state bucket, GitHub's OIDC provider, roles")
    .option("--account <digits>", "the AWS account")
    .option("--region <name>", "the AWS region, such as us-east-1")
    .option("--repository <owner/name>", "the repository on GitHub")
    .option("--ids <owner/repository>", 'GitHub\'s numbers for it, or "none"; looked up when left out')
    .option("--email <address>", 'who is warned when an environment costs more than its budget; "none" warns nobody')
    .option("--admins <arns>", 'IAM roles and users that get into the clusters, with commas; "none" lets nobody in')
    .option("--yes", "ask nothing: take what can be found out, and make what the plan says")
    .option("--destroy", "take everything away that bootstrap made; refused while an environment is there")
    .option("--json", "print the result as JSON")
    .action(async (options: Options) => {
      const { runBootstrap } = await import("../bootstrap/run.ts");
      const { yes = false, destroy = false, json, ...given } = options;
      const directory = join(import.meta.dirname, "..", "..");
      const log = (line: string) => process.stderr.write(`${line}\n`);
      const { result, text, done } = await runBootstrap({ directory, given, yes, destroy, log });
      process.stdout.write(`${json ? JSON.stringify(result) : text}\n`);
      if (!done) process.exitCode = 1;
    });
}
