import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Material's tokens that a built interface reads, and those of them that its theme does not have. The theme has only the
 * type scales that components here read, so a new component may ask for one more.
 *
 * @param folder what was built for one language
 */
export async function themeTokens(folder: string): Promise<{ read: string[]; missing: string[] }> {
  const files = await readdir(folder);
  const textOf = async (ending: string) =>
    (
      await Promise.all(
        files.filter((name) => name.endsWith(ending)).map((name) => readFile(join(folder, name), "utf8")),
      )
    ).join("\n");
  const read = [...new Set([...(await textOf(".js")).matchAll(/mat-sys-[a-z0-9-]+/g)].map(([name]) => name))];
  const styles = await textOf(".css");
  return { read, missing: read.filter((name) => !styles.includes(`--${name}:`)) };
}
