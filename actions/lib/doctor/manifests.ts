import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, SlipwayError } from "../core/errors.ts";

/** A file of the checkout; undefined where it is not there. @throws SlipwayError where it cannot be read */
export async function readIfThere(directory: string, path: string): Promise<string | undefined> {
  try {
    return await readFile(join(directory, path), "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new SlipwayError(`${path} cannot be read: ${messageOf(cause)}`, { next: "Look at the checkout.", cause });
  }
}

/** The names of the folders in a folder of the checkout; none where it is not there. */
export async function foldersIn(directory: string, ...path: string[]): Promise<string[]> {
  const entries = await readdir(join(directory, ...path), { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
