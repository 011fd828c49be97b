import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** A copy of parts of the repository, in a folder that goes with it. @param paths from its root */
export async function copyOf(paths: readonly string[]): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "slipway-new-"));
  for (const each of paths)
    await cp(join(root, each), join(path, each), {
      recursive: true,
      filter: (from) => !/\/(node_modules|dist|\.angular)(\/|$)/.test(from.slice(root.length)),
    });
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Every file of a folder with its text, by path: what a refusal must not change. */
export async function snapshot(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: Record<string, string> = {};
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    files[path.slice(folder.length + 1)] = await readFile(path, "utf8");
  }
  return files;
}
