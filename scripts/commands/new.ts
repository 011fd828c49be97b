import { join } from "node:path";
import type { Command } from "commander";
import type { AppPart } from "../new/parts.ts";

const root = join(import.meta.dirname, "..", "..");

type NewAppOptions = Partial<Record<AppPart, boolean>> & { json?: boolean };

/** `slipway new`: writes what an app or an environment begins with. */
export function register(program: Command): void {
  const command = program.command("new").description("write a new app, or what a new environment needs");
  command
    .command("app")
    .description("write a small app with tests and manifests: live after one push")
    .argument("<name>", "lower-case letters, digits and single hyphens, at most 43")
    .option("--service", "an Express service on apps/kit")
    .option("--page", "a static page behind nginx; without it nginx leads to the service alone")
    .option("--database", "PostgreSQL, in which the service counts; brings a service")
    .option("--cache", "Redis before the database; brings a database")
    .option("--json", "print JSON")
    .addHelpText("after", "\nWithout a part named it has a service, a page and a database. Nothing is overwritten.")
    .action(async (name: string, { json, ...chosen }: NewAppOptions) => {
      const { writeApp } = await import("../new/app.ts");
      const { describeNew, stepsAfterApp } = await import("../new/report.ts");
      const { readConfig } = await import("../../actions/lib/config/config.ts");
      const { parts } = await import("../new/parts.ts");
      const written = await writeApp({ root, name, wanted: parts.filter((part) => chosen[part]) });
      const documents = await refresh();
      const result = { ...written, wrote: [...written.wrote, ...(documents ?? [])] };
      const next = stepsAfterApp(result, await readConfig(join(root, "slipway.yaml")), documents !== undefined);
      const title = `Wrote the app ${name}, with ${result.parts.join(", ")}:`;
      process.stdout.write(`${json ? JSON.stringify({ ...result, next }) : describeNew(title, result.wrote, next)}\n`);
    });
  command
    .command("environment")
    .description("write what a new environment needs: its entry, overlays and bootstrap folder")
    .argument("<name>", "lower-case letters, digits and single hyphens, at most 20")
    .requiredOption("--like <environment>", "one of those in slipway.yaml, of which it is a copy")
    .option("--json", "print JSON")
    .addHelpText("after", "\nNothing is overwritten, and nothing is made in AWS. It prints what a person does next.")
    .action(async (name: string, { like, json }: { like: string; json?: boolean }) => {
      const { writeEnvironment } = await import("../new/environment.ts");
      const { describeNew, stepsAfterEnvironment } = await import("../new/report.ts");
      const written = await writeEnvironment({ root, name, like });
      const next = stepsAfterEnvironment(written);
      const { config: _, ...result } = written;
      const title = `Wrote the environment ${name}, like ${like}:`;
      process.stdout.write(`${json ? JSON.stringify({ ...result, next }) : describeNew(title, result.wrote, next)}\n`);
    });
}

/** The documents that count the apps, written again: their paths; undefined where the apps cannot be rendered here. */
async function refresh(): Promise<string[] | undefined> {
  const { refreshDocuments } = await import("../checks/generate.ts");
  const { explain } = await import("../../actions/lib/core/errors.ts");
  const { printable } = await import("../../actions/lib/core/printable.ts");
  return refreshDocuments().catch((error: unknown) => {
    process.stderr.write(`slipway: the documents are as before: ${printable(explain(error))}\n`);
    return undefined;
  });
}
