import { type Command, Option } from "commander";
import { keepable, type Keepable } from "../environment/receipt.ts";

/** `slipway receipt`: what of an environment is in AWS, and what it costs; takes nothing away. */
export function register(program: Command): void {
  program
    .command("receipt")
    .description("list everything of an environment that is in AWS, what it costs, and whether that may be left")
    .argument("[environment]", 'one of those in slipway.yaml; the one under "deliver" when left out')
    .addOption(new Option("--keep <what...>", "what may be there").choices(keepable))
    .option("--json", "print JSON")
    .action(async (environment: string | undefined, options: { keep?: Keepable[]; json?: boolean }) => {
      const { openTarget } = await import("../environment/target.ts");
      const { describeReceipt, keepPolicy, receiptOf } = await import("../environment/receipt.ts");
      const { receipt } = await receiptOf(await openTarget(environment, "receipt"), keepPolicy(options.keep));
      process.stdout.write(`${options.json ? JSON.stringify(receipt, null, 2) : describeReceipt(receipt)}\n`);
      if (!receipt.clean) process.exitCode = 1;
    });
}
