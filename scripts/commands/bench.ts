import { type Command, Option } from "commander";
import { SlipwayError } from "../../actions/lib/core/errors.ts";

/** `slipway bench`: the performance goals, measured against named peers on this machine. */
export function register(program: Command): void {
  program
    .command("bench")
    .description("measure Slipway against its peers, in turn on this machine")
    .argument("[names...]", "which benchmarks, all when left out")
    .addOption(new Option("--runs <number>", "how often each is run").default(7).argParser(Number))
    .option("--json", "print JSON")
    .action(async (names: string[], options: { runs: number; json?: boolean }) => {
      if (!Number.isInteger(options.runs) || options.runs < 1)
        throw new SlipwayError("--runs is not a whole number above 0.");
      const { benchmarks, resultTable } = await import("../bench/all.ts");
      const unknown = names.find((name) => !Object.hasOwn(benchmarks, name));
      if (unknown)
        throw new SlipwayError(`There is no benchmark "${unknown}".`, {
          next: `Allowed: ${Object.keys(benchmarks).join(", ")}.`,
        });
      const measures = [];
      for (const [name, load] of Object.entries(benchmarks)) {
        if (names.length > 0 && !names.includes(name)) continue;
        process.stderr.write(`${name} ...\n`);
        measures.push(...(await (await load()).measure(options)));
      }
      process.stdout.write(`${options.json ? JSON.stringify(measures, null, 2) : resultTable(measures)}\n`);
    });
}
