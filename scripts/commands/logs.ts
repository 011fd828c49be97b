import { type Command, Option } from "commander";
import { SlipwayError } from "../../actions/lib/core/errors.ts";

/** What the command line may say. */
interface Options {
  component?: string;
  follow?: boolean;
  previous?: boolean;
  tail: number;
  json?: boolean;
}

/** `slipway logs`: what an app's pods say. */
export function register(program: Command): void {
  program
    .command("logs")
    .description("show what the pods of an app say, in the order of time")
    .argument("<app>", "an app in the cluster")
    .argument("[environment]", 'one of those in slipway.yaml; the one under "deliver" when left out')
    .option("--component <name>", "only of this component, for example api")
    .option("-f, --follow", "go on with what they say next, also pods that come later")
    .addOption(new Option("--tail <number>", "the last so many lines of each container").default(50).argParser(Number))
    .option("--previous", "of the run of each container before the present one")
    .option("--json", "print one JSON object a line: time, pod, container, line")
    .action(showLogs);
}

async function showLogs(app: string, environment: string | undefined, options: Options): Promise<void> {
  const { component, follow = false, previous = false, tail, json = false } = options;
  if (!Number.isInteger(tail) || tail < 0) throw new SlipwayError("--tail is not a whole number from 0 up.");
  if (follow && previous)
    throw new SlipwayError("--previous shows finished containers and cannot be combined with --follow.");
  const { openTarget } = await import("../environment/target.ts");
  const { openCluster } = await import("../../actions/lib/lifecycle/environment.ts");
  const { findPods } = await import("../logs/app.ts");
  const { linePrinter } = await import("../logs/print.ts");

  const target = await openTarget(environment, "logs");
  const kubernetes = await openCluster(target.config, target.environment, target.credentials);
  if (!kubernetes) throw new SlipwayError(`${target.environment} has no cluster.`, { next: "See ./slipway status." });
  const { namespace, labelSelector, pods } = await findPods(kubernetes, app, component);
  if (target.rehearsal && !json) process.stderr.write(`${app} in ${target.environment} of the rehearsal that is up\n`);
  // A reader that has enough, such as head, closes the pipe.
  process.stdout.on("error", () => process.exit());
  const print = linePrinter(process.stdout, {
    json,
    colour: process.stdout.isTTY && !process.env.NO_COLOR,
  });
  if (follow) {
    const { followLogs } = await import("../logs/follow.ts");
    // Ctrl-C ends it.
    const { signal } = new AbortController();
    await followLogs(kubernetes, { namespace, labelSelector, tail, signal, onLine: print });
  } else {
    const { readLogs } = await import("../logs/read.ts");
    for (const line of await readLogs(kubernetes, pods, { tail, previous })) await print(line);
  }
}
