import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { format, getFileInfo, resolveConfig } from "prettier";
import { type AppPart, selectLines } from "./parts.ts";

const templates = join(import.meta.dirname, "templates");

/** Templates, by the beginning of their path, that an app has only with a part; all others it always has. */
const only: readonly (readonly [path: string, part: AppPart])[] = [
  ["apps/APP/api/", "service"],
  ["apps/APP/DOOR/upstream.conf", "service"],
  ["gitops/apps/APP/base/api/", "service"],
  ["apps/APP/DOOR/html/", "page"],
  ["apps/APP/api/drizzle/", "database"],
  ["apps/APP/api/src/count/", "database"],
  ["apps/APP/api/src/db/", "database"],
  ["apps/APP/api/src/migrate.ts", "database"],
  ["apps/APP/api/src/secret", "database"],
  ["apps/APP/database/", "database"],
  ["apps/APP/api/src/count/cache.ts", "cache"],
  ["apps/APP/cache/", "cache"],
];

/** What templates are filled with. */
export interface Filling {
  app: string;
  has: ReadonlySet<AppPart>;
  /** An overlay is written for each. */
  environments: readonly string[];
}

/** The folder, and the image, that lets visitors in: nginx with the page, or nginx alone. */
export const doorOf = (has: ReadonlySet<AppPart>): string => (has.has("page") ? "page" : "gateway");

/**
 * The files of an app, by their path from the repository's root, laid out as prettier would.
 *
 * @param root the repository's root folder
 */
export async function fillTemplates(root: string, { app, has, environments }: Filling): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const path of await templatePaths()) {
    if (only.some(([beginning, part]) => path.startsWith(beginning) && !has.has(part))) continue;
    const text = selectLines(await readFile(join(templates, path), "utf8"), has, path);
    for (const environment of path.includes("ENVIRONMENT") ? environments : [""]) {
      const fill = (words: string) =>
        words
          .replace(/\bAPP\b/g, app)
          .replace(/\bDOOR\b/g, doorOf(has))
          .replace(/\bENVIRONMENT\b/g, environment);
      // JSON with comments here, since package.json can have none.
      const place = fill(path).replace(/\.jsonc$/, ".json");
      files.set(place, await layOut(root, place, fill(text)));
    }
  }
  return files;
}

/** The paths of all templates below their folder, sorted. */
export async function templatePaths(): Promise<string[]> {
  const entries = await readdir(templates, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(templates, join(entry.parentPath, entry.name)))
    .sort();
}

/** What is taken out of a template may leave lines that prettier would break otherwise. */
async function layOut(root: string, path: string, text: string): Promise<string> {
  const file = join(root, path);
  const { ignored, inferredParser } = await getFileInfo(file, { ignorePath: join(root, ".prettierignore") });
  if (ignored || !inferredParser) return text;
  return format(text, { ...(await resolveConfig(file)), filepath: file });
}
