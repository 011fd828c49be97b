import { join } from "node:path";
import type { Command } from "commander";

/** `slipway down`: takes away what `slipway up` brought up. */
export function register(program: Command): void {
  program
    .command("down")
    .description("take away what up brought up on this machine")
    .argument("[apps...]", "with --compose: which; all that are there when left out")
    .option("--compose", "the apps of Docker Compose, and not the world")
    .option("--volumes", "with --compose: also their data, and the passwords that open it")
    .option("--json", "print what was taken away as JSON")
    .action(async (apps: string[], options: { compose?: boolean; volumes?: boolean; json?: boolean }) => {
      if (!options.compose) {
        const { stopWorld } = await import("../rehearsal/up.ts");
        const down = await stopWorld();
        const line = down ? "The world is gone, with everything in it." : "No world is up on this machine.";
        process.stdout.write(`${options.json ? JSON.stringify({ down }) : line}\n`);
        return;
      }
      const { composeDown } = await import("../compose/down.ts");
      const { describeRemains } = await import("../compose/describe.ts");
      const repository = join(import.meta.dirname, "..", "..");
      const results = await composeDown({ repository, apps, volumes: options.volumes ?? false });
      process.stdout.write(options.json ? `${JSON.stringify(results, null, 2)}\n` : `${describeRemains(results)}\n`);
    });
}
