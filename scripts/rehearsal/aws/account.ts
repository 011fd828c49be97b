import { appendFile, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { basename, delimiter, dirname, join } from "node:path";
import { type Config, readConfig } from "../../../actions/lib/config/config.ts";
import { git } from "../../../actions/lib/git/git.ts";
import { discoverImages } from "../../../actions/lib/images/image.ts";
import { type ProcessOptions, type ProcessResult, run } from "../../../actions/lib/core/process.ts";
import { desired } from "../../../actions/lib/terraform/fingerprint.ts";
import { parsePlan, pendingChanges } from "../../../actions/lib/terraform/plan/judge.ts";
import { stateLocation, type TerraformRoot } from "../../../actions/lib/terraform/root.ts";

/** The person who owns the AWS account, with all rights in it and Terraform at hand. */
export interface AccountOwner {
  /** Terraform's path. */
  terraform: string;
  /** Environment of Terraform, with the owner's credentials. */
  environment: NodeJS.ProcessEnv;
  /** A folder for copies of the repository. */
  folder: string;
}

/** Prepares the account as the README asks of its owner: `./slipway bootstrap`, in the person's own clone. */
export async function bootstrapAccount(owner: AccountOwner, repository: string, log: string): Promise<void> {
  const copy = await copyOf(owner, repository, "HEAD");
  // What the launcher would install: this process runs from it, at the same commit.
  await symlink(join(import.meta.dirname, "..", "..", "..", "node_modules"), join(copy, "node_modules"));
  // The tokens here have no ids in their sub, and nobody is to be warned of what nothing costs.
  const answers = ["--yes", "--ids=none", "--email=none"];
  await logged(process.execPath, [join(copy, "scripts", "slipway.ts"), "bootstrap", ...answers], log, {
    cwd: copy,
    env: { ...owner.environment, PATH: [dirname(owner.terraform), owner.environment.PATH].join(delimiter) },
  });
}

/**
 * Plans a root of a commit as a person would, with Terraform alone.
 *
 * @param repository a repository that has the commit
 * @returns what would change; undefined when nothing would
 */
export async function planFor(
  owner: AccountOwner,
  repository: string,
  commit: string,
  root: TerraformRoot,
  log: string,
): Promise<string | undefined> {
  const copy = await copyOf(owner, repository, commit);
  const config = await readConfig(join(copy, "slipway.yaml"));
  const folder = join(copy, "terraform", root);
  await writeFile(join(folder, "rehearsal.tfvars.json"), JSON.stringify(await variables(config, root, copy)));
  const terraform = terraformIn(owner, folder, log);
  const { bucket, key, region } = stateLocation(config, root, config.deliver);
  const backend = Object.entries({ bucket, key, region }).map(([name, value]) => `-backend-config=${name}=${value}`);
  await terraform(["init", "-input=false", "-no-color", ...backend]);
  await terraform(["plan", "-input=false", "-no-color", "-var-file=rehearsal.tfvars.json", "-out=rehearsal.tfplan"]);
  const { stdout } = await terraform(["show", "-json", "-no-color", "rehearsal.tfplan"]);
  const pending = pendingChanges(parsePlan(stdout, owner.terraform));
  return pending.length > 0 ? pending.join("; ") : undefined;
}

async function variables(config: Config, root: TerraformRoot, repository: string) {
  const images = (await discoverImages(repository)).map((image) => image.name);
  return (await desired({ repository, revision: "HEAD", config, root, environment: config.deliver, images })).variables;
}

let copies = 0;

/** A new clone at a commit, so that nothing that Terraform writes meets the person's own clone. */
async function copyOf(owner: AccountOwner, repository: string, commit: string): Promise<string> {
  copies += 1;
  const copy = join(owner.folder, String(copies));
  await rm(copy, { recursive: true, force: true });
  await mkdir(owner.folder, { recursive: true });
  const env = owner.environment;
  await git(repository, ["clone", "--quiet", "--shared", "--no-checkout", repository, copy], { env });
  await git(copy, ["checkout", "--quiet", "--detach", commit], { env });
  return copy;
}

function terraformIn(owner: AccountOwner, cwd: string, log: string) {
  return (args: string[]) => logged(owner.terraform, args, log, { cwd, env: owner.environment });
}

/** Runs a program and adds what it prints to a log, also when it fails. */
async function logged(program: string, args: string[], log: string, options: ProcessOptions): Promise<ProcessResult> {
  await appendFile(log, `$ ${basename(program)} ${args.join(" ")}\n`);
  try {
    const result = await run(program, args, { ...options, timeout: 600_000 });
    await appendFile(log, `${result.stdout}${result.stderr}\n`);
    return result;
  } catch (error) {
    await appendFile(log, String(error));
    throw error;
  }
}
