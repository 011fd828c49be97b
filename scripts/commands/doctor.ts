import { join } from "node:path";
import type { Command } from "commander";

/** `slipway doctor`: what is missing around the repository before it can be trusted; reads only. */
export function register(program: Command): void {
  program
    .command("doctor")
    .description("look at the repository's settings on GitHub, and say what is missing; changes nothing")
    .option("--json", "print the findings as JSON")
    .action(async (options: { json?: boolean }) => {
      const { readConfig } = await import("../../actions/lib/config.ts");
      const { describe, examine, isWell } = await import("../doctor/doctor.ts");
      const { findToken, openSettings } = await import("../doctor/github-settings.ts");
      const config = await readConfig(join(import.meta.dirname, "..", "..", "slipway.yaml"));
      const github = openSettings(config.git.repository, await findToken());
      const findings = await examine({ config, github });
      process.stdout.write(options.json ? `${JSON.stringify(findings)}\n` : `${describe(findings)}\n`);
      if (!isWell(findings)) process.exitCode = 1;
    });
}
