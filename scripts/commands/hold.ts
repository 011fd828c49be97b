import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Command } from "commander";
import { environmentOf, readConfig } from "../../actions/lib/config/config.ts";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { renderHold } from "../../actions/lib/gitops/hold.ts";
import { overlayPaths } from "../../actions/lib/gitops/paths.ts";

interface HoldOptions {
  reason?: string;
  image?: string[];
  off?: boolean;
  json?: boolean;
}

/** `slipway hold`: keeps releases away from an app, or lets them in again. */
export function register(program: Command): void {
  program
    .command("hold")
    .description("keep releases away from an app in an environment, for example after a rollback")
    .argument("<app>", "a folder under gitops/apps")
    .argument("<environment>", "one of those in slipway.yaml")
    .option("--reason <text>", "why; every release shows it")
    .option("--image <name...>", "hold only these images of the app")
    .option("--off", "lift the hold")
    .option("--json", "print the result as JSON")
    .action(async (app: string, environment: string, options: HoldOptions) => {
      environmentOf(await readConfig("slipway.yaml"), environment);
      const change = await changeHold(app, environment, options);
      const commit = `git add ${change.path} && git commit -m "${change.held ? "Hold" : "No longer hold"} ${app} in ${environment}"`;
      if (options.json) process.stdout.write(`${JSON.stringify({ ...change, commit })}\n`);
      else
        process.stdout.write(
          `${change.held ? "Written" : "Removed"}: ${change.path}\nIt counts once it is pushed:\n  ${commit}\n`,
        );
    });
}

/** Writes or removes the app's `hold.yaml` in the working directory. @throws SlipwayError on a wrong wish */
async function changeHold(
  app: string,
  environment: string,
  { reason, image, off }: HoldOptions,
): Promise<{ path: string; held: boolean }> {
  const { overlay, hold } = overlayPaths(app, environment);
  if (!(await exists(overlay)))
    throw new SlipwayError(`${app} has no overlay for ${environment}: ${overlay} does not exist.`, {
      next: `Apps with a folder under gitops/apps: ${(await appsWithOverlays()).join(", ") || "none"}.`,
    });
  if (off) {
    if (reason !== undefined || image) throw new SlipwayError("--off takes neither --reason nor --image.");
    if (!(await exists(hold))) throw new SlipwayError(`${app} is not held in ${environment}: there is no ${hold}.`);
    await rm(hold);
    return { path: hold, held: false };
  }
  if (!reason?.trim())
    throw new SlipwayError("A hold needs a reason.", { next: `Say it: --reason "the new version loses orders".` });
  const strangers = image?.filter((each) => !each.startsWith(`${app}-`)) ?? [];
  if (strangers.length > 0)
    throw new SlipwayError(`${strangers.join(", ")}: not an image of ${app}.`, {
      next: `An image is called ${app}-<component>.`,
    });
  await mkdir(dirname(hold), { recursive: true });
  const since = new Date().toISOString().slice(0, 10);
  await writeFile(hold, renderHold({ reason: reason.trim(), since, ...(image ? { images: image } : {}) }));
  return { path: hold, held: true };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function appsWithOverlays(): Promise<string[]> {
  return (await readdir("gitops/apps").catch(() => [])).sort();
}
