import { Argument, type Command } from "commander";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { type TestPart, parts, runChecks, usualParts } from "../checks/checks.ts";
import { closingLines } from "../checks/outcome.ts";

/** `slipway test`: linters, unit tests, and tests against real parts. */
export function register(program: Command): void {
  program
    .command("test")
    .description("run the linters and the tests; ends with what failed and one line of counts")
    .addArgument(new Argument("[parts...]", "which parts, all but live when left out").choices(parts))
    .option("--json", "print the outcome as JSON")
    .action(async (chosen: TestPart[], options: { json?: boolean }) => {
      const outcome = await runChecks(chosen.length > 0 ? chosen : usualParts);
      process.stdout.write(`${options.json ? JSON.stringify(outcome) : closingLines(outcome)}\n`);
      if (outcome.passed + outcome.failed === 0) throw new SlipwayError("No test ran.");
      if (outcome.failed > 0) process.exitCode = 1;
    });
}
