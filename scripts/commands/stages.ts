import type { Command } from "commander";

/** `slipway stages`: the order in which an environment comes up and goes. */
export function register(program: Command): void {
  program
    .command("stages")
    .description("print the stages of an environment's life: what brings each up, when each is gone, and its deadline")
    .option("--json", "print JSON")
    .action(async (options: { json?: boolean }) => {
      const { describeStages, stageRows } = await import("../environment/stages.ts");
      const rows = stageRows();
      process.stdout.write(`${options.json ? JSON.stringify(rows, null, 2) : describeStages(rows)}\n`);
    });
}
