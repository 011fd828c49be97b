import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { temporaryFolder } from "@slipway/kit/testing/process.ts";
import { run } from "../../../actions/lib/core/process.ts";

/** How large something is: as it is, and as nginx sends it. */
export interface TransferSize {
  raw: number;
  compressed: number;
}

/**
 * The size of what a browser has to have before an application starts: the scripts and styles that its page names, and
 * what those scripts import at once.
 *
 * @param folder a built interface, of one language
 */
export async function firstLoad(folder: string): Promise<TransferSize> {
  const html = await readFile(join(folder, "index.html"), "utf8");
  const waiting = [...html.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].map(([, name = ""]) => name);
  const sizes = new Map<string, TransferSize>();
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (sizes.has(name)) continue;
    const content = await readFile(join(folder, name));
    sizes.set(name, { raw: content.length, compressed: gzipSync(content, { level: 9 }).length });
    if (!name.endsWith(".js")) continue;
    for (const [, imported = ""] of content.toString().matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g))
      waiting.push(imported);
  }
  return [...sizes.values()].reduce((sum, { raw, compressed }) => ({
    raw: sum.raw + raw,
    compressed: sum.compressed + compressed,
  }));
}

/** What a bare `ng new` of the same Angular is, built here and now. */
export async function bareFirstLoad(): Promise<TransferSize> {
  await using place = await temporaryFolder("ng-new");
  const choices = ["--defaults", "--style=css", "--ssr=false", "--zoneless", "--ai-config=none"];
  await run("ng", ["new", "bare", "--skip-install", "--skip-git", ...choices], { cwd: place.path });
  const folder = join(place.path, "bare");
  await symlink(join(import.meta.dirname, "../../../node_modules"), join(folder, "node_modules"));
  await run("ng", ["build"], { cwd: folder });
  return await firstLoad(join(folder, "dist/bare/browser"));
}

/** By how much one is larger than another, at its worst. */
export function ratio(one: TransferSize, other: TransferSize): number {
  return Math.max(one.raw / other.raw, one.compressed / other.compressed);
}
