import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { appsFolder } from "../../actions/lib/gitops/paths.ts";
import { repositoryTexts } from "./documents.ts";

/** Where an app may be named: its own folders, and what is generated from them. */
const allowed = /^(apps\/|gitops\/apps\/|package-lock\.json$|\.github\/SECURITY\.md$)/;

/**
 * The lines of a text that name an app, each as `line: name`. A name counts as a whole word or as the beginning of an
 * image's name, such as `notes-api`.
 */
export function findAppNames(text: string, apps: readonly string[]): string[] {
  if (apps.length === 0) return [];
  const name = new RegExp(`(?<![\\w-])(${apps.join("|")})(?!\\w)`);
  return text.split("\n").flatMap((line, index) => {
    const found = name.exec(line)?.[1];
    return found ? [`${index + 1}: ${found}`] : [];
  });
}

/**
 * Looks for the names of apps where nobody but the app may know them: an app must be deletable with its two folders.
 *
 * @throws SlipwayError naming each place
 */
export async function checkAppNames(root: string): Promise<void> {
  const apps = await readdir(join(root, appsFolder));
  const texts = await repositoryTexts(root, (path) => !allowed.test(path));
  const found = texts.flatMap(({ path, text }) => findAppNames(text, apps).map((each) => `${path}:${each}`));
  if (found.length > 0)
    throw new SlipwayError(`The machinery names an app.\n${found.join("\n")}`, {
      next: "Find what is there, or let the app bring it (apps/README.md).",
    });
}
