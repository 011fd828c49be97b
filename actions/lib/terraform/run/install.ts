import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, chmod, mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { arch, homedir, platform } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { plainEnvironment } from "../../aws/credentials.ts";
import { messageOf, SlipwayError } from "../../core/errors.ts";
import { exists } from "../../core/files.ts";
import { run } from "../../core/process.ts";
import { printedJson } from "../plan/json.ts";
import { pinnedChecksums, serves, terraformVersion } from "./version.ts";

/** Where a release is fetched from and what it must be; the pinned release of HashiCorp's when left out. */
export interface TerraformInstallOptions {
  env?: NodeJS.ProcessEnv;
  /** The folder of all versions, without a trailing slash. */
  releases?: string;
  version?: string;
  /** SHA-256 of the archive by platform, such as `linux_amd64`. */
  checksums?: Readonly<Record<string, string>>;
  log?: (line: string) => void;
}

/**
 * A Terraform that serves: the one on PATH, else the pinned release, downloaded once into the runner's tool cache.
 *
 * @returns a program's full path
 * @throws SlipwayError when it cannot be downloaded or its checksum is wrong; nothing is installed then
 */
export async function ensureTerraform(options: TerraformInstallOptions = {}): Promise<string> {
  const env = options.env ?? process.env;
  const found = await terraformOnPath(env);
  const present = found && (await versionOf(found, env));
  if (found && present && serves(present)) return found;
  const version = options.version ?? terraformVersion.pinned;
  const unfit = found && (present ? `${found} is Terraform ${present}` : `${found} does not tell its version`);
  options.log?.(`${unfit ? `${unfit}, which does not serve` : "No Terraform on PATH"}: ${version} is used.`);
  const program = join(cacheOf(env), "terraform", version, arch(), "terraform");
  const cached = await exists(program);
  if (!cached) await install(program, version, options);
  return program;
}

/** The first Terraform on PATH; where a wrapper stands before it, the program itself. */
async function terraformOnPath(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env.PATH ?? "").split(delimiter).filter(Boolean)) {
    const program = resolve(folder, "terraform");
    if (!(await canRun(program))) continue;
    // hashicorp/setup-terraform puts a script in its place that turns exit code 2 into 0, and renames the program:
    // https://github.com/hashicorp/setup-terraform/blob/v3.1.2/lib/setup-terraform.js
    const wrapped = `${program}-bin`;
    return (await canRun(wrapped)) ? wrapped : program;
  }
  return undefined;
}

async function canRun(path: string): Promise<boolean> {
  return Promise.all([access(path, constants.X_OK), stat(path)]).then(
    ([, found]) => found.isFile(),
    () => false,
  );
}

const versionOutput = z.object({ terraform_version: z.string() });

async function versionOf(program: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  // Without CHECKPOINT_DISABLE, "version" asks HashiCorp for news.
  const quiet = { ...plainEnvironment(env), CHECKPOINT_DISABLE: "1" };
  try {
    const { stdout } = await run(program, ["version", "-json"], { env: quiet, timeout: 30_000 });
    return printedJson(versionOutput, stdout, "version -json", program).terraform_version;
  } catch {
    // One that cannot tell its version does not serve.
    return undefined;
  }
}

/** The runner's tool cache, in the layout of actions/toolkit; elsewhere the user's cache. */
function cacheOf(env: NodeJS.ProcessEnv): string {
  return env.RUNNER_TOOL_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "slipway");
}

async function install(program: string, version: string, options: TerraformInstallOptions): Promise<void> {
  const name = `${platform()}_${arch() === "x64" ? "amd64" : arch()}`;
  const expected = (options.checksums ?? pinnedChecksums)[name];
  if (!expected)
    throw new SlipwayError(`No checksum of Terraform ${version} is known for ${name}.`, {
      next: `Put a Terraform from ${terraformVersion.minimum} to below ${terraformVersion.below} on PATH.`,
    });
  const releases = options.releases ?? "https://releases.hashicorp.com/terraform";
  const url = `${releases}/${version}/terraform_${version}_${name}.zip`;
  const archive = await download(url);
  const found = createHash("sha256").update(archive).digest("hex");
  if (found !== expected)
    throw new SlipwayError(`${url} has the SHA-256 ${found}, not ${expected}. Nothing was installed.`, {
      next: "Something between here and the release site changes files; do not use what it delivers.",
      reason: "checksum-mismatch",
    });
  const { unzipSync } = await import("fflate");
  const binary = unzipSync(archive, { filter: (file) => file.name === "terraform" }).terraform;
  if (!binary) throw new SlipwayError(`${url} holds no file "terraform".`, { next: "Check the version's archive." });
  await mkdir(dirname(program), { recursive: true });
  // Made next to its place and then given its name, so that an interrupted run leaves no half a program.
  const draft = await mkdtemp(`${program}-`);
  try {
    await writeFile(join(draft, "terraform"), binary);
    await chmod(join(draft, "terraform"), 0o755);
    await rename(join(draft, "terraform"), program);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  options.log?.(`Installed Terraform ${version}, checksum ${found.slice(0, 12)}… as pinned.`);
}

async function download(url: string, attempts = 3): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(300_000) });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      return new Uint8Array(await answer.arrayBuffer());
    } catch (cause) {
      if (attempt >= attempts)
        throw new SlipwayError(`${url} could not be downloaded (${messageOf(cause)}, ${attempts} times).`, {
          next: `Run it again, or put a Terraform from ${terraformVersion.minimum} on PATH.`,
          cause,
        });
      await sleep(1000 * attempt);
    }
  }
}
