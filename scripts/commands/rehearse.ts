import { join } from "node:path";
import { type Command, Option } from "commander";
import { formatBytes, formatDuration } from "../../actions/lib/core/summary.ts";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { closingLines } from "../checks/outcome.ts";
import { chosenKubeContext, type KubeContextFlags, contextOptions } from "../rehearsal/context/options.ts";
import { textTable } from "../terminal/text-table.ts";

/** Where the way ends, by the name of the stop. */
const ends = {
  plan: "plan",
  build: "images in ECR",
  infra: "environment",
  release: "release commit",
  live: "proof",
  gone: "receipt",
};
const stops = Object.keys(ends);
const withCluster = new Set(["infra", "release", "live"]);

/** `slipway rehearse`: the whole way on this machine, as far as it exists. */
export function register(program: Command): void {
  const command = program
    .command("rehearse")
    .description(
      "do the whole way on this machine, from a push to pods that are proven live and to the receipt of their end, and check the result",
    )
    .addOption(new Option("--until <stage>", 'where to stop (default: "gone"; with --context "live")').choices(stops))
    .option("--domain <name>", "give the apps names below it, with TLS, for example dev.example.test")
    .option("--keep", "keep the world's folder for a look; everything that runs is ended all the same")
    .option("--json", "print the result as JSON");
  contextOptions(command).action(
    async (
      options: { until?: keyof typeof ends; keep?: boolean; json?: boolean; domain?: string } & KubeContextFlags,
    ) => {
      const until = options.until ?? (options.context === undefined ? "gone" : "live");
      // A teardown takes a whole cluster away, with every namespace; a context's is somebody's own.
      if (options.context !== undefined && !withCluster.has(until))
        throw new SlipwayError(`A rehearsal until ${until} does not use the cluster of a context.`, {
          next: `Leave --context out, or stop at ${[...withCluster].join(", ")}.`,
        });
      const { domainName } = await import("../../actions/lib/config/names.ts");
      const domain = options.domain === undefined ? undefined : domainName.safeParse(options.domain);
      if (domain?.success === false)
        throw new SlipwayError(`--domain ${options.domain}: ${domain.error.issues[0]?.message}.`);
      const context = await chosenKubeContext(options);
      const { rehearse } = await import("../rehearsal/rehearsal.ts");
      const source = join(import.meta.dirname, "..", "..");
      const result = await rehearse({ source, until, keep: options.keep ?? false, context, domain: domain?.data });
      if (options.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
      else {
        const stages = result.stages.map((stage) => [
          stage.name,
          formatDuration(stage.milliseconds),
          stage.peakMemoryBytes > 0 ? formatBytes(stage.peakMemoryBytes) : "",
        ]);
        const table = textTable(["Stage", "Time", "Memory"], stages, [1, 2]);
        process.stdout.write(`\n${table.replaceAll(/^/gm, "  ")}\n\n`);
        process.stdout.write(`The way ends at the ${ends[until]}. Logs: ${result.logs}\n`);
        process.stdout.write(`${closingLines(result)} in ${formatDuration(result.milliseconds)}\n`);
      }
      if (result.failed > 0) process.exitCode = 1;
    },
  );
}
