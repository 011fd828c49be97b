import { lstat, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SlipwayError } from "../../actions/lib/core/errors.ts";

/** What is to be written, by paths from the repository's root. */
export interface Change {
  /** Folders that are new, each with its files by their path in it. */
  folders: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Files that are there already, with their new text. */
  edits: ReadonlyMap<string, string>;
}

/**
 * Writes all of it or nothing: first into `.slipway`, then each folder and file is moved to its place. What was
 * moved goes away again when something fails.
 *
 * @param root the repository's root folder
 * @throws SlipwayError naming what is there already; nothing was written then
 */
export async function writeChange(root: string, { folders, edits }: Change): Promise<void> {
  await refuseTaken(root, [...folders.keys()]);
  await mkdir(join(root, ".slipway"), { recursive: true });
  const draft = await mkdtemp(join(root, ".slipway", "new-"));
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const [folder, files] of folders)
      for (const [path, text] of files) await writeDeep(join(draft, folder, path), text);
    for (const [path, text] of edits) await writeDeep(join(draft, path), text);
    for (const folder of folders.keys()) {
      await mkdir(dirname(join(root, folder)), { recursive: true });
      await rename(join(draft, folder), join(root, folder));
      undo.unshift(() => rm(join(root, folder), { recursive: true }));
    }
    for (const path of edits.keys()) {
      const before = await readFile(join(root, path));
      await rename(join(draft, path), join(root, path));
      undo.unshift(() => writeFile(join(root, path), before));
    }
  } catch (error) {
    for (const step of undo) await step();
    throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** @throws SlipwayError when one of these paths is there, whatever it is */
export async function refuseTaken(root: string, paths: readonly string[]): Promise<void> {
  for (const path of paths)
    if (await lstat(join(root, path)).catch(() => undefined))
      throw new SlipwayError(`${path} is there already. Nothing was written.`, {
        next: "Use another name, or remove it first.",
      });
}

async function writeDeep(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
