import type { Command } from "commander";
import { describePins, differs, hasFailed, pinImages } from "../pin/pin.ts";
import { lookUpDigest } from "../pin/registry.ts";

/** `slipway pin`: writes the digests of base images into Dockerfiles. */
export function register(program: Command): void {
  program
    .command("pin")
    .description("write the digests that the tags of base images mean now into the apps' Dockerfiles")
    .option("--check", "change nothing; fail when a Dockerfile differs from what its registry says")
    .option("--json", "print JSON")
    .action(async ({ check = false, json = false }: { check?: boolean; json?: boolean }) => {
      const pins = await pinImages({ repository: process.cwd(), check, lookUp: lookUpDigest });
      const results = pins.map((pin) => ({ ...pin, differs: differs(pin) }));
      process.stdout.write(`${json ? JSON.stringify({ images: results }, null, 2) : describePins(pins, check)}\n`);
      if (hasFailed(pins, check)) process.exitCode = 1;
    });
}
