import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { git } from "../../actions/lib/git/git.ts";
import { discoverImages } from "../../actions/lib/images/image.ts";
import { run } from "../../actions/lib/core/process.ts";
import { cached, cacheFolder } from "../rehearsal/tools/cache.ts";
import { type Benchmark, compare, type BenchmarkResult } from "./harness.ts";
import { makeRepository } from "./images-repository.ts";

/** The peer: its newest release when this was written. */
const TURBO = "2.11.11";
/** Ours, bundled as the action is: prints the images whose keys are not in the file that stands for the registry. */
const ENTRY = `
import { readFileSync } from "node:fs";
import { discoverImages } from "./actions/lib/images/image.ts";
const [repository, revision, known] = process.argv.slice(2);
const held = new Set(JSON.parse(readFileSync(known, "utf8")));
const images = await discoverImages(repository, revision);
process.stdout.write(JSON.stringify(images.filter((image) => !held.has(image.key)).map((image) => image.name)));`;

/** P1 and P2 of the performance goals: which images a push has to build, and how that grows with the repository. */
export const measure: Benchmark = async ({ runs }) => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-bench-"));
  try {
    const entry = join(folder, "entry.mjs");
    await bundle(entry);
    const turbo = await installTurbo();
    const measures: BenchmarkResult[] = [];
    for (const apps of [100, 1_000, 10_000]) {
      const bare = join(folder, `${apps}.git`);
      const many = Array.from({ length: 10_000 }, (_, index) => [index % apps, Math.floor(index / apps) % 40] as const);
      await makeRepository(bare, { apps, libraries: 100, files: 45 }, [[[apps - 1, 0]], many]);
      const at = async (revision: string) => {
        const known = join(folder, "known.json");
        await writeFile(known, JSON.stringify((await discoverImages(bare, `${revision}~1`)).map((image) => image.key)));
        return () => run(process.execPath, [entry, bare, revision, known]);
      };
      const label = `${apps.toLocaleString("en")} apps`;
      if (apps !== 1_000) {
        measures.push(await compare(`P1 ${label}, 1 file changed`, runs, await at("main~1")));
        measures.push(await compare(`P2 ${label}, 10,000 files changed`, runs, await at("main")));
        continue;
      }
      const clone = join(folder, "clone");
      await git(folder, ["clone", "--quiet", bare, clone]);
      for (const [number, changed, revision] of [
        ["P1", "1 file", "main~1"],
        ["P2", "10,000 files", "main"],
      ] as const) {
        await git(clone, [
          "checkout",
          "--quiet",
          "--detach",
          revision === "main" ? "origin/main" : `origin/${revision}`,
        ]);
        const ours = await at(revision);
        const peer = () => affected(turbo, clone);
        const [mine, theirs] = [JSON.parse((await ours()).stdout) as string[], await peer()];
        if (mine.sort().join() !== theirs.sort().join())
          throw new Error(`${number}: ${mine.length} images here, ${theirs.length} at the peer.`);
        const other = { name: "turbo ls --affected", goal: 0.4, run: peer };
        measures.push(await compare(`${number} ${label}, ${changed} changed`, runs, ours, other));
      }
    }
    return measures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

async function bundle(outfile: string): Promise<void> {
  const stdin = { contents: ENTRY, resolveDir: join(import.meta.dirname, "../.."), loader: "ts" } as const;
  const require = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
  const format = { format: "esm", platform: "node", target: "node24", minify: true, banner: { js: require } } as const;
  await build({ stdin, outfile, bundle: true, ...format, logLevel: "warning" });
}

/** Installs the peer's own program, once; the project itself does not depend on it. */
async function installTurbo(): Promise<string> {
  const folder = await cached(join(cacheFolder("bench"), `turbo-${TURBO}`), async (draft) => {
    const options = ["--no-fund", "--no-audit", "--prefix", draft];
    await run("npm", ["install", ...options, `turbo@${TURBO}`]);
  });
  const text = await readFile(join(folder, "node_modules/.package-lock.json"), "utf8");
  const { packages } = JSON.parse(text) as { packages: Record<string, unknown> };
  const name = Object.keys(packages).find((path) => path.startsWith("node_modules/@turbo/"));
  return join(folder, name ?? "", "bin/turbo");
}

/** The apps that the peer finds changed since the parent commit. */
async function affected(turbo: string, clone: string): Promise<string[]> {
  const env = { ...process.env, TURBO_SCM_BASE: "HEAD~1", TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };
  const { stdout } = await run(turbo, ["ls", "--affected", "--output=json"], { cwd: clone, env });
  const found = JSON.parse(stdout.slice(stdout.indexOf("{"))) as { packages: { items: { name: string }[] } };
  return found.packages.items.map((item) => item.name).filter((name) => name.startsWith("app"));
}
