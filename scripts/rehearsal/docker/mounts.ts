import { readFile } from "node:fs/promises";
import { run } from "../../../actions/lib/core/process.ts";

/** Unmounts everything that is mounted below `folders` (not at them), deepest first. */
export async function unmountBelow(folders: readonly string[]): Promise<void> {
  const table = await readFile("/proc/self/mounts", "utf8").catch(() => "");
  const mounts = table.split("\n").map((line) => line.split(" ")[1] ?? "");
  const below = mounts.filter((mount) => folders.some((folder) => mount.startsWith(`${folder}/`)));
  for (const mount of below.sort((a, b) => b.length - a.length))
    await run("umount", ["--lazy", mount], { okCodes: [0, 1, 32] });
}
