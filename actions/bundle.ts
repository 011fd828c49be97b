import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const actions = import.meta.dirname;
const dist = join(actions, "dist");

/** The actions: every folder next to this file that has an `action.yml`, by name. */
export async function actionNames(): Promise<string[]> {
  const files = await readdir(actions, { recursive: true });
  return files
    .filter((file) => /^[a-z]+\/action\.yml$/.test(file))
    .map((file) => file.split("/")[0] as string)
    .sort();
}

/**
 * Bundles every action into `outdir`, as ES modules that share their common code as chunks.
 * A runner needs no node_modules then, and loads only the chunks that an action comes to.
 */
export async function bundle(outdir: string): Promise<void> {
  await rm(outdir, { recursive: true, force: true });
  await build({
    entryPoints: Object.fromEntries((await actionNames()).map((name) => [name, join(actions, name, "main.ts")])),
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    // A CommonJS package that is imported lazily has no named exports in a split bundle; the AWS SDK has both forms.
    mainFields: ["module", "main"],
    chunkNames: "chunks/[name]-[hash]",
    minify: true,
    // Stack traces in a defect report should name our functions.
    keepNames: true,
    legalComments: "none",
    logLevel: "warning",
    // CommonJS packages inside the bundle call require() for Node's own modules.
    banner: {
      js: 'import { createRequire as slipwayCreateRequire } from "node:module"; const require = slipwayCreateRequire(import.meta.url);',
    },
  });
}

/** Writes `actions/dist`. */
export async function writeBundles(): Promise<void> {
  await bundle(dist);
}

/** The paths below `actions/dist` that differ from a fresh bundle; empty when `dist` is fresh. */
export async function staleBundles(): Promise<string[]> {
  const fresh = await mkdtemp(join(tmpdir(), "slipway-dist-"));
  try {
    await bundle(fresh);
    const [expected, found] = await Promise.all([filesOf(fresh), filesOf(dist)]);
    const paths = new Set([...expected.keys(), ...found.keys()]);
    return [...paths].filter((path) => expected.get(path) !== found.get(path)).sort();
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** Every file below a folder with its text; nothing when there is no such folder. */
async function filesOf(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(
      files.map(async (file) => [file.slice(folder.length + 1), await readFile(file, "utf8")] as const),
    ),
  );
}
