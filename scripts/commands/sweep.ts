import { type Command, Option } from "commander";
import { keepable, type Keepable } from "../environment/receipt.ts";

/** What the command line may say. */
interface Options {
  keep?: Keepable[];
  yes?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

/** `slipway sweep`: removes what a teardown has left over. */
export function register(program: Command): void {
  program
    .command("sweep")
    .description("remove what a teardown has left of an environment, after showing it with its prices")
    .argument("<environment>", "one of those in slipway.yaml")
    .addOption(new Option("--keep <what...>", "what may stay").choices(keepable))
    .option("--dry-run", "show what would go, and remove nothing")
    .option("--yes", "do not ask for the environment's name")
    .option("--json", "print the result as JSON")
    .action(async (environment: string, options: Options) => {
      const { openTarget } = await import("../environment/target.ts");
      const { describeReceipt, keepPolicy } = await import("../environment/receipt.ts");
      const { sweepEnvironment } = await import("../environment/sweep.ts");
      const { askFor } = await import("../terminal/ask.ts");
      const log = (line: string) => process.stderr.write(`${line}\n`);
      const outcome = await sweepEnvironment(await openTarget(environment, "sweep"), {
        keep: keepPolicy(options.keep),
        dryRun: options.dryRun ?? false,
        confirm: (plan) => {
          log(plan);
          const question = `Remove this from the account for good? Type the environment's name:`;
          return options.yes ? Promise.resolve(environment) : askFor(question);
        },
        log,
      });
      process.stdout.write(`${options.json ? JSON.stringify(outcome, null, 2) : describeReceipt(outcome.receipt)}\n`);
      if (!outcome.receipt.clean || outcome.swept.some(({ gone }) => !gone)) process.exitCode = 1;
    });
}
