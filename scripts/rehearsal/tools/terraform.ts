import { createHash } from "node:crypto";
import { readdir, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";
import { exists } from "../../../actions/lib/core/files.ts";
import { cacheFolder } from "./cache.ts";

const registry = "registry.terraform.io";
const provider = join(registry, "hashicorp", "aws");

/** Where Terraform itself, and people who mirror providers, keep them. */
const usualPlaces = [
  join(homedir(), ".terraform.d", "plugins"),
  join(homedir(), ".local", "share", "terraform", "plugins"),
  "/usr/local/share/terraform/plugins",
  "/usr/share/terraform/plugins",
];

let found: Promise<NodeJS.ProcessEnv> | undefined;

/**
 * What to add to a process's environment so that its `terraform init` finds the AWS provider on this machine: nothing
 * where Terraform's registry answers, else the folder of a local mirror (`$TF_PLUGIN_MIRROR`, or one in a usual place).
 * Asked once per process.
 *
 * @returns variables to spread over an environment; one whose value is `undefined` must not be in it
 * @throws SlipwayError when there is neither
 */
export function terraformEnvironment(): Promise<NodeJS.ProcessEnv> {
  found ??= findProviders(process.env);
  return found;
}

/** As `terraformEnvironment`, for an environment and places of the caller's choice. */
export async function findProviders(
  environment: NodeJS.ProcessEnv,
  places: readonly string[] = usualPlaces,
  answers: () => Promise<boolean> = registryAnswers,
): Promise<NodeJS.ProcessEnv> {
  const settings = environment.TF_CLI_CONFIG_FILE;
  // Terraform warns in every command about a settings file that is not there.
  const quiet = settings && !(await exists(settings)) ? { TF_CLI_CONFIG_FILE: undefined } : {};
  const mirror = environment.TF_PLUGIN_MIRROR || ((await answers()) ? undefined : await searchMirror(places));
  if (!mirror) return quiet;
  if (!(await exists(join(mirror, provider))))
    throw new SlipwayError(`TF_PLUGIN_MIRROR is ${mirror}, which holds no ${provider}.`, {
      next: "Fill it with: terraform providers mirror <folder>.",
    });
  return { TF_CLI_CONFIG_FILE: await mirrorSettings(mirror) };
}

/** A settings file that has Terraform take every provider from a folder: Slipway refuses variables with arguments. */
async function mirrorSettings(mirror: string): Promise<string> {
  const name = createHash("sha256").update(mirror).digest("hex").slice(0, 12);
  const path = join(cacheFolder("terraform"), `mirror-${name}.tfrc`);
  // Written next to its place and renamed: other processes read it meanwhile.
  const draft = `${path}.${process.pid}`;
  const method = `filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }`;
  await writeFile(draft, `provider_installation {\n  ${method}\n}\n`);
  await rename(draft, path);
  return path;
}

async function searchMirror(places: readonly string[]): Promise<string> {
  const optional = (await readdir("/opt").catch(() => [])).map((name) => join("/opt", name));
  for (const place of [...places, ...optional]) if (await exists(join(place, provider))) return place;
  throw new SlipwayError(`Terraform's AWS provider is neither at ${registry} nor in a local mirror.`, {
    next: "Connect to the network, or set TF_PLUGIN_MIRROR to a folder made by: terraform providers mirror <folder>.",
  });
}

async function registryAnswers(): Promise<boolean> {
  try {
    const answer = await fetch(`https://${registry}/.well-known/terraform.json`, {
      signal: AbortSignal.timeout(4000),
    });
    return answer.ok;
  } catch {
    return false;
  }
}
