import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { build } from "esbuild";

/**
 * Bundles a service for its image: `node bundle.ts <service folder> <entry>...` writes `dist/<entry's name>.js`, one
 * file an entry plus what they share. The image then needs Node and these files, and no node_modules.
 */
const [folder = ".", ...entries] = process.argv.slice(2);
const root = resolve(folder);
await rm(resolve(root, "dist"), { recursive: true, force: true });
const { warnings } = await build({
  absWorkingDir: root,
  entryPoints: entries,
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  // Names stay, so that a stack trace in a log can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  // pg asks for its native twin only when told to.
  external: ["pg-native"],
  // CommonJS inside an ES module still calls require().
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
});
if (warnings.length > 0) process.exitCode = 1;
