import { join } from "node:path";
import type { Command } from "commander";

/** `slipway down --compose`: takes away what `slipway up --compose` brought up. */
export function register(program: Command): void {
  program
    .command("down")
    .description("take away the apps that Docker Compose brought up on this machine")
    .argument("[apps...]", "which; all that are there when left out")
    .requiredOption("--compose", "those of Docker Compose")
    .option("--volumes", "also their data, and the passwords that open it")
    .option("--json", "print what was taken away as JSON")
    .action(async (apps: string[], options: { volumes?: boolean; json?: boolean }) => {
      const { composeDown } = await import("../compose/down.ts");
      const { describeRemains } = await import("../compose/describe.ts");
      const repository = join(import.meta.dirname, "..", "..");
      const results = await composeDown({ repository, apps, volumes: options.volumes ?? false });
      process.stdout.write(options.json ? `${JSON.stringify(results, null, 2)}\n` : `${describeRemains(results)}\n`);
    });
}
