import type { Command } from "commander";
import { SlipwayError } from "../../actions/lib/errors.ts";

/** `slipway generate`: the committed files that are made from others. */
export function register(program: Command): void {
  program
    .command("generate")
    .description("write the files that are made from others: actions/dist, README tables, the JSON Schema")
    .option("--check", "change nothing; fail when a file is not fresh")
    .action(async (options: { check?: boolean }) => {
      const { generate, staleFiles } = await import("../generate.ts");
      if (!options.check) return generate();
      const stale = await staleFiles();
      if (stale.length > 0)
        throw new SlipwayError(`Not fresh: ${stale.join(", ")}.`, { next: 'Run "./slipway generate" and commit.' });
    });
}
