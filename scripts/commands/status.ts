import type { Command } from "commander";

/** `slipway status`: what an environment is, stage by stage. */
export function register(program: Command): void {
  program
    .command("status")
    .description("show an environment stage by stage: versions, revisions, health, addresses, cost per hour")
    .argument("[environment]", 'one of those in slipway.yaml; the one under "deliver" when left out')
    .option("--json", "print JSON")
    .action(async (environment: string | undefined, options: { json?: boolean }) => {
      const { openTarget } = await import("../environment/target.ts");
      const { describeStatus, readStatus } = await import("../environment/status.ts");
      const status = await readStatus(await openTarget(environment, "status"));
      process.stdout.write(`${options.json ? JSON.stringify(status, null, 2) : describeStatus(status)}\n`);
      // Whatever was seen is a result; without it there is none.
      if (status.stages.every((stage) => stage.state === "unknown")) process.exitCode = 1;
    });
}
