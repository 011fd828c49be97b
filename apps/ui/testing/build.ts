import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { exists } from "../../../actions/lib/core/files.ts";
import { gitText } from "../../../actions/lib/git/git.ts";
import { run } from "../../../actions/lib/core/process.ts";

const root = join(import.meta.dirname, "../../..");

/**
 * Builds an interface for production, as its image does, unless nothing has changed since that was last done.
 *
 * @param folder the interface's folder, whose package.json has the script `build`
 * @param more what else it is made of besides its folder and the kit, from the repository's root
 * @returns the folder with one folder for each language
 */
export async function buildInterface(folder: string, more: readonly string[] = []): Promise<string> {
  const sources = [relative(root, folder), "apps/ui", "package-lock.json", ...more];
  const names = await gitText(root, ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ...sources]);
  const hash = createHash("sha256");
  for (const name of names.split("\0").filter(Boolean).sort())
    hash.update(`${name}\0`).update(await readFile(join(root, name)).catch(() => "gone"));
  const key = hash.digest("hex");
  const stamp = join(folder, ".angular", "built");
  const dist = join(folder, "dist");
  await mkdir(join(folder, ".angular"), { recursive: true });
  await using _turn = await takeTurn(join(folder, ".angular", "building"));
  if (!(await exists(dist)) || (await readFile(stamp, "utf8").catch(() => "")) !== key) {
    await rm(stamp, { force: true });
    await run("npm", ["run", "build"], { cwd: folder });
    await writeFile(stamp, key);
  }
  return dist;
}

/** Waits until no other test builds the same: two at once would take each other's files away. */
async function takeTurn(path: string): Promise<AsyncDisposable> {
  for (;;) {
    const mine = await writeFile(path, String(process.pid), { flag: "wx" }).then(
      () => true,
      () => false,
    );
    if (mine) return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
    const owner = Number(await readFile(path, "utf8").catch(() => ""));
    // One that was killed leaves its turn behind.
    if (owner > 0 && !isRunning(owner)) await rm(path, { force: true });
    await sleep(100);
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
