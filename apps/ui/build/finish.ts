import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/**
 * What Angular's build leaves to do, in each language's folder: the page asks for its font at once instead of after the
 * styles (its name has a hash, so the page cannot know it before), and every file that nginx sends as it is
 * (`gzip_static`) gets a compressed twin. Pages get none: nginx puts something of its own into each.
 *
 * @param dist what was built, with a folder for each language
 */
export async function finish(dist: string): Promise<void> {
  for (const language of ["en", "es"]) {
    const folder = join(dist, language);
    const [font] = await readdir(join(folder, "media"));
    const page = join(folder, "index.html");
    const html = await readFile(page, "utf8");
    const preload = `<link rel="preload" as="font" type="font/woff2" crossorigin href="media/${font ?? ""}" />`;
    await writeFile(page, html.replace('<link rel="stylesheet"', `${preload}$&`));
    for (const name of await readdir(folder)) {
      if (!/\.(css|js|svg)$/.test(name)) continue;
      const path = join(folder, name);
      await writeFile(`${path}.gz`, gzipSync(await readFile(path), { level: 9 }));
    }
  }
}
