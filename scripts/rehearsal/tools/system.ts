import { constants } from "node:fs";
import { access, readdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";
import { run } from "../../../actions/lib/core/process.ts";

/** Programs that a world may need from the system, and the Debian packages that bring each of them. */
const debianPackages = {
  chromium: ["chromium"],
  debootstrap: ["debootstrap"],
  dockerd: ["docker.io", "iptables", "iproute2", "ca-certificates"],
  git: ["git", "ca-certificates"],
  ip: ["iproute2"],
  iptables: ["iptables"],
  nginx: ["nginx-light"],
  openssl: ["openssl"],
  postgres: ["postgresql"],
  psql: ["postgresql-client"],
  python3: ["python3", "python3-venv"],
  "redis-server": ["redis-server"],
  wrk: ["wrk"],
} as const satisfies Record<string, readonly string[]>;

/** A program of the system that `ensureSystemPackages` knows how to get. */
export type SystemProgram = keyof typeof debianPackages;

/** Folders in addition to PATH that hold programs: a person's PATH may lack `sbin`, and Debian keeps PostgreSQL's apart. */
async function extraFolders(): Promise<string[]> {
  const versions = await readdir("/usr/lib/postgresql").catch(() => []);
  const newestFirst = versions.sort((a, b) => Number(b) - Number(a));
  return ["/usr/local/sbin", "/usr/sbin", "/sbin", ...newestFirst.map((v) => `/usr/lib/postgresql/${v}/bin`)];
}

/** The path of a program on PATH or in the system's own folders; undefined where there is none. */
export async function findProgram(name: string, path = process.env.PATH ?? ""): Promise<string | undefined> {
  for (const folder of [...path.split(delimiter).filter(Boolean), ...(await extraFolders())]) {
    const candidate = join(folder, name);
    if (
      await access(candidate, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return candidate;
  }
  return undefined;
}

let installing: Promise<unknown> = Promise.resolve();
let updated = false;

/**
 * Makes sure that programs of the system are there: on Debian and its relatives as root by installing packages with
 * apt-get, saying so first; anywhere else a missing program is an error that tells how to get it.
 *
 * @param programs what is needed
 * @returns each program's path
 * @throws SlipwayError naming every missing program, or with apt-get's words when an installation fails
 */
export async function ensureSystemPackages<Program extends SystemProgram>(
  programs: readonly Program[],
): Promise<Record<Program, string>> {
  // apt-get locks: parts of a world that start side by side take turns.
  const turn = installing.then(() => ensureNow(programs));
  installing = turn.catch(() => {});
  return turn;
}

async function ensureNow<Program extends SystemProgram>(
  programs: readonly Program[],
): Promise<Record<Program, string>> {
  const missing: Program[] = [];
  for (const program of programs) if (!(await present(program))) missing.push(program);
  if (missing.length > 0) await install(missing);
  const found: Partial<Record<Program, string>> = {};
  for (const program of programs) {
    const path = await findProgram(program);
    if (!path)
      throw new SlipwayError(`${program} is still missing after its packages were installed.`, {
        next: `Look at: apt-get install ${debianPackages[program].join(" ")}.`,
      });
    found[program] = path;
  }
  return found as Record<Program, string>;
}

/** Debian's python3 comes without `ensurepip`, which `python3 -m venv` needs. */
async function present(program: SystemProgram): Promise<boolean> {
  const path = await findProgram(program);
  if (!path) return false;
  if (program !== "python3") return true;
  const probe = await run(path, ["-c", "import ensurepip, venv"], { okCodes: [0, 1] });
  return probe.code === 0;
}

async function install(programs: readonly SystemProgram[]): Promise<void> {
  const names = [...new Set(programs.flatMap((program) => debianPackages[program]))];
  const aptGet = await findProgram("apt-get");
  if (!aptGet || process.getuid?.() !== 0)
    throw new SlipwayError(`Missing on this machine: ${programs.join(", ")}.`, {
      next: aptGet
        ? `Run: sudo apt-get install ${names.join(" ")}, then try again.`
        : `Install them with the system's package manager (on Debian they are in ${names.join(", ")}), then try again.`,
    });
  process.stderr.write(`slipway: ${programs.join(", ")} missing: installing ${names.join(" ")} with apt-get\n`);
  const options = {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    timeout: 300_000,
  };
  if (!updated) {
    // A source that does not answer is only a warning here; whether the packages can be had is what counts.
    await run(aptGet, ["update", "-qq"], { ...options, okCodes: [0, 100] });
    updated = true;
  }
  await run(aptGet, ["install", "-y", "-qq", "--no-install-recommends", ...names], options);
}
