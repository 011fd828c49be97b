import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The app that is the delivery console. */
export interface ConsoleApp {
  name: string;
  /** The file that says whose pipeline may report to it, from the repository's root. */
  settings: string;
}

/** The console of a repository: the app with an overlay that says whose pipeline may report to it. */
export async function findConsole(directory: string): Promise<ConsoleApp | undefined> {
  for (const settings of globSync("gitops/apps/*/overlays/*/settings.env", { cwd: directory }).sort()) {
    const text = await readFile(join(directory, settings), "utf8");
    if (/^REPORT_REPOSITORY=/m.test(text)) return { name: settings.split("/")[2] ?? "", settings };
  }
  return undefined;
}
