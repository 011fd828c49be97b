import type { Command } from "commander";
import { SlipwayError } from "../../actions/lib/core/errors.ts";

/** `slipway generate`: the committed files that are made from others. */
export function register(program: Command): void {
  program
    .command("generate")
    .description("write the files that are made from others: actions/dist, README tables, the JSON Schema")
    .option("--check", "change nothing; fail when a file is not fresh")
    .option("--json", "print the files that were not fresh as JSON")
    .action(async (options: { check?: boolean; json?: boolean }) => {
      const { generate, staleFiles } = await import("../checks/generate.ts");
      const stale = await staleFiles();
      if (!options.check) await generate();
      if (options.json) process.stdout.write(`${JSON.stringify({ stale })}\n`);
      if (options.check && stale.length > 0)
        throw new SlipwayError(`Not fresh: ${stale.join(", ")}.`, { next: 'Run "./slipway generate" and commit.' });
    });
}
