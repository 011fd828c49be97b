import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";
import { run } from "../../../actions/lib/core/process.ts";
import { cacheFolder } from "./cache.ts";
import { ensureSystemPackages, findProgram } from "./system.ts";

/** Paths of the programs in the world's own Python environment. */
export interface PythonTools {
  python: string;
  /** The runner of GitHub workflows. */
  act: string;
}

/** Paths of the linters that come from Python. */
export interface PythonLinters {
  zizmor: string;
  checkov: string;
  shellcheck: string;
}

/**
 * What a world runs from Python, installed on first use from `requirements.txt` with every package's hash checked.
 *
 * @throws SlipwayError when there is no suitable Python and none can be installed, or with pip's words
 */
export async function ensurePython(): Promise<PythonTools> {
  const bin = await ensureEnvironment("requirements.txt");
  return { python: join(bin, "python"), act: join(bin, "act") };
}

/** The linters, installed on first use from `requirements-lint.txt` into an environment of their own. */
export async function ensureLinters(): Promise<PythonLinters> {
  const bin = await ensureEnvironment("requirements-lint.txt");
  return { zizmor: join(bin, "zizmor"), checkov: join(bin, "checkov"), shellcheck: join(bin, "shellcheck") };
}

/** The fuzzer of our APIs, from `requirements-api.txt`. @returns its path */
export async function ensureFuzzer(): Promise<string> {
  return join(await ensureEnvironment("requirements-api.txt"), "schemathesis");
}

const minimum = { major: 3, minor: 11 };

/**
 * A virtual environment in the cache folder for one requirements file.
 *
 * @param file its name in this folder
 * @returns the folder of its programs
 */
export async function ensureEnvironment(file: string): Promise<string> {
  const requirements = join(import.meta.dirname, file);
  const python = await findPython();
  const key = createHash("sha256")
    .update(python.version)
    .update(await readFile(requirements))
    .digest("hex");
  const folder = join(cacheFolder("python"), `${file.replace(/\.txt$/, "")}-${key.slice(0, 16)}`);
  // PYTHONHOME and the like are about the machine's Python and would reach into our own environment; where packages
  // come from (PIP_INDEX_URL, PIP_CERT, proxies) stays as the machine has it.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PYTHON|VIRTUAL_ENV)/.test(name)));
  await run(python.path, [join(import.meta.dirname, "virtual-environment.py"), folder, requirements], {
    env,
    timeout: 540_000,
  });
  return join(folder, "bin");
}

/** A Python that is new enough and can make virtual environments; the system's package when there is none. */
async function findPython(): Promise<{ path: string; version: string }> {
  for (const name of ["python3", "python3.14", "python3.13", "python3.12", "python3.11"]) {
    const path = await findProgram(name);
    const version = path && (await usableVersion(path));
    if (version) return { path, version };
  }
  const { python3 } = await ensureSystemPackages(["python3"]);
  const version = await usableVersion(python3);
  if (version) return { path: python3, version };
  throw new SlipwayError(`${python3} is older than Python ${minimum.major}.${minimum.minor}.`, {
    next: `Install Python ${minimum.major}.${minimum.minor} or newer and put it on PATH, then try again.`,
  });
}

/** The full version of an interpreter, with its platform; undefined where it is too old or incomplete. */
async function usableVersion(path: string): Promise<string | undefined> {
  const script = `
import sys, sysconfig
if sys.version_info < (${minimum.major}, ${minimum.minor}): sys.exit(3)
import ensurepip, venv
print(sys.version, sysconfig.get_platform(), sys.executable)`;
  const result = await run(path, ["-c", script], { okCodes: [0, 1, 3] }).catch(() => undefined);
  return result?.code === 0 ? result.stdout.trim() : undefined;
}
