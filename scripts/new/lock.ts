import { cp, glob, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../actions/lib/core/process.ts";

/** A workspace that is new. */
export interface NewWorkspace {
  /** Its folder, from the repository's root. */
  folder: string;
  /** Its package.json. */
  text: string;
}

/**
 * package-lock.json with a new workspace, as npm itself writes it. npm works on copies, so nothing in the repository
 * changes; the registry is asked only for what the lock does not know yet.
 *
 * @param root the repository's root folder
 * @throws ProcessError with npm's words
 */
export async function lockWith(root: string, workspace: NewWorkspace): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-lock-"));
  try {
    const { workspaces = [] } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
      workspaces?: string[];
    };
    const copied = ["package.json", "package-lock.json", ".npmrc"];
    for (const pattern of workspaces)
      for await (const path of glob(`${pattern}/package.json`, { cwd: root })) copied.push(path);
    for (const path of copied)
      await cp(join(root, path), join(folder, path), { recursive: true }).catch((error: unknown) => {
        if (path !== ".npmrc") throw error;
      });
    await mkdir(join(folder, workspace.folder), { recursive: true });
    await writeFile(join(folder, workspace.folder, "package.json"), workspace.text);
    const quiet = ["--prefer-offline", "--no-audit", "--no-fund"];
    await run("npm", ["install", "--package-lock-only", "--ignore-scripts", ...quiet], { cwd: folder });
    return await readFile(join(folder, "package-lock.json"), "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
