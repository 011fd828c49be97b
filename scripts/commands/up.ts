import { once } from "node:events";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { environmentOf, readConfig } from "../../actions/lib/config/config.ts";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { chosenKubeContext, type KubeContextFlags, contextOptions } from "../rehearsal/context/options.ts";

/** What the command line may say. */
interface Options extends KubeContextFlags {
  compose?: boolean;
  foreground?: boolean;
  environment?: string;
  portOffset: number;
  json?: boolean;
}

/** `slipway up`: a world that stays, with everything delivered; with `--compose`, apps alone, without a cluster. */
export function register(program: Command): void {
  const command = program
    .command("up")
    .description(
      "rehearse a delivery and leave the world running, to look at and to push to; or apps alone, with Compose",
    )
    .argument("[apps...]", "with --compose: folders under gitops/apps; the only one there is when left out")
    .option("--compose", "only the apps, with Docker Compose, from the manifests that a cluster gets")
    .option("--foreground", "hold the world in this process: Ctrl-C ends it")
    .option("-e, --environment <name>", 'whose overlay; the one under "deliver" in slipway.yaml when left out')
    .addOption(new Option("--port-offset <number>", "added to every port of this machine").default(0).argParser(Number))
    .option("--json", "print the addresses as JSON");
  contextOptions(command).action(async (apps: string[], options: Options) => {
    if (!Number.isInteger(options.portOffset) || options.portOffset < 0)
      throw new SlipwayError("--port-offset is not a whole number from 0 up.");
    const repository = join(import.meta.dirname, "..", "..");
    if (!options.compose) {
      if (apps.length > 0)
        throw new SlipwayError(`A world has every app; ${apps[0]} cannot be chosen.`, {
          next: "Leave it out, or add --compose.",
        });
      await upWithWorld(repository, options);
      return;
    }
    if (options.context !== undefined)
      throw new SlipwayError("Docker Compose has no cluster.", { next: "Leave --compose or --context out." });
    const config = await readConfig(join(repository, "slipway.yaml"));
    const environment = options.environment ?? config.deliver;
    environmentOf(config, environment);
    await upWithCompose(repository, apps, environment, options);
  });
}

/** Holds a world in this process, or starts a process that does, and says what can be reached where. */
async function upWithWorld(repository: string, options: Options): Promise<void> {
  const { keepWorldUp } = await import("../rehearsal/keep-up.ts");
  const { describeWorld, startWorld } = await import("../rehearsal/up.ts");
  const context = await chosenKubeContext(options);
  if (options.foreground) {
    if (!(await keepWorldUp(repository, context))) process.exitCode = 1;
    return;
  }
  const interrupt = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => interrupt.abort(new SlipwayError(`Interrupted (${signal}).`));
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  try {
    const world = await startWorld(repository, context, (text) => process.stderr.write(text), interrupt.signal);
    const { addresses } = world;
    process.stdout.write(options.json ? `${JSON.stringify(addresses, null, 2)}\n` : `\n${describeWorld(world)}\n`);
  } catch (error) {
    throw interrupt.signal.aborted ? interrupt.signal.reason : error;
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}

async function upWithCompose(repository: string, apps: string[], environment: string, options: Options): Promise<void> {
  const { composeLogs, composeUp } = await import("../compose/up.ts");
  const { describeStack } = await import("../compose/describe.ts");
  const { createProgress } = await import("../rehearsal/progress.ts");
  const interrupt = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => interrupt.abort(new SlipwayError(`Interrupted (${signal}).`));
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  const progress = createProgress(composeLogs(repository));
  try {
    const { signal } = interrupt;
    const { portOffset } = options;
    await using stack = await composeUp({ repository, apps, environment, portOffset, progress, signal });
    progress.end();
    const { results, docker } = stack;
    process.stdout.write(options.json ? `${JSON.stringify(results, null, 2)}\n` : `\n${describeStack(results)}\n`);
    if (!docker.started) return;
    process.stderr.write("Docker was started for this, and runs as long as this does: Ctrl-C ends both.\n");
    if (!signal.aborted) await once(signal, "abort");
  } catch (error) {
    // What an interrupted program says last does not help.
    if (interrupt.signal.aborted) throw interrupt.signal.reason;
    throw error;
  } finally {
    progress.end();
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}
