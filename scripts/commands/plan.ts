import { type Command, Option } from "commander";
import type { PlanCommandOptions } from "../environment/plan.ts";

/** `slipway plan`: the images of a commit, and which of them have to be built. */
export function register(program: Command): void {
  program
    .command("plan")
    .description("show the images of a commit, their content keys and what has to be built")
    .addOption(new Option("-r, --revision <revision>", "the commit, branch or tag").default("HEAD"))
    .option("-e, --environment <name>", 'the environment; the one under "deliver" in slipway.yaml when left out')
    .option("--offline", "ask AWS nothing: only images and keys")
    .option("--json", "print JSON")
    .action(async (options: PlanCommandOptions) => {
      const { describePlan } = await import("../environment/plan.ts");
      process.stdout.write(`${await describePlan(process.cwd(), options)}\n`);
    });
}
