import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { exists } from "../../../actions/lib/core/files.ts";

/**
 * The one folder outside the repository that Slipway writes to: `$SLIPWAY_CACHE`, else `$XDG_CACHE_HOME/slipway`,
 * else `~/.cache/slipway`. Everything in it can be made again; deleting it costs only time.
 *
 * @param parts names of folders under it, for example `"buildx", "v0.29.1"`
 * @returns the folder's path; the folder exists afterwards
 */
export function cacheFolder(...parts: string[]): string {
  const base = process.env.SLIPWAY_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "slipway");
  const folder = join(base, ...parts);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * A folder or file of the cache that is made at most once: `make` fills a neighbour, which then gets the name in one
 * step, so a run that was interrupted leaves no half-made entry. When two processes make it at once, the first wins.
 *
 * @param path where the entry is, or will be; a name that holds a version or a hash
 * @param make writes the entry to the path that it is given, which does not exist yet
 * @returns `path`
 */
export async function cached(path: string, make: (draft: string) => Promise<void>): Promise<string> {
  if (await exists(path)) return path;
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomBytes(4).toString("hex")}.part`;
  try {
    await make(draft);
    await rename(draft, path).catch(async (error: unknown) => {
      if (!(await exists(path))) throw error;
    });
  } finally {
    // What a tool that was ended has started itself may go on to write there for a moment.
    await rm(draft, { recursive: true, force: true, maxRetries: 10 });
  }
  return path;
}
