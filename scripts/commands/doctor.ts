import type { Command } from "commander";

/** `slipway doctor`: what stands in the way of a delivery; reads only. */
export function register(program: Command): void {
  program
    .command("doctor")
    .description(
      "look for what stands in the way of a delivery: tools, settings, GitHub, the AWS account; changes nothing",
    )
    .argument("[environment]", 'one of those in slipway.yaml; the one under "deliver" when left out')
    .option("--json", "print the findings as JSON")
    .addHelpText(
      "after",
      "\nEnds with 1 when a finding blocks a delivery, or lets somebody further than they should get.\n" +
        "What cannot be asked (no credentials, no token, no permission) is not looked at, and is not a failure.",
    )
    .action(async (environment: string | undefined, options: { json?: boolean }) => {
      const { openTarget } = await import("../environment/target.ts");
      const { isWell } = await import("../../actions/lib/doctor/examine.ts");
      const { describe } = await import("../doctor/describe.ts");
      const { runDoctor, terminal } = await import("../doctor/run.ts");
      const findings = await runDoctor(await openTarget(environment, "doctor"));
      const text = options.json ? JSON.stringify(findings, null, 2) : describe(findings, terminal(process.stdout));
      process.stdout.write(`${text}\n`);
      if (!isWell(findings)) process.exitCode = 1;
    });
}
