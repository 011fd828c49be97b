import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Config, readConfig } from "../../actions/lib/config.ts";
import { git } from "../../actions/lib/git.ts";
import { discoverImages } from "../../actions/lib/image.ts";
import { run } from "../../actions/lib/process.ts";
import { stateLocation, type TerraformRoot } from "../../actions/lib/terraform/root.ts";
import { registryImages, terraformVariables } from "../../actions/lib/terraform/variables.ts";

/** The person who owns the AWS account, with all rights in it and Terraform at hand. */
export interface AccountOwner {
  /** Terraform's path. */
  terraform: string;
  /** Environment of Terraform, with the owner's credentials. */
  environment: NodeJS.ProcessEnv;
  /** A folder for copies of the repository. */
  folder: string;
}

/** Applies `terraform/bootstrap`, as the README asks of the account's owner once. */
export async function bootstrapAccount(owner: AccountOwner, repository: string, log: string): Promise<void> {
  const copy = await copyOf(owner, repository, "HEAD");
  const root = join(copy, "terraform", "bootstrap");
  const config = await readConfig(join(copy, "slipway.yaml"));
  // The state's bucket is what this apply makes.
  await writeFile(join(root, "backend_override.tf"), 'terraform {\n  backend "local" {}\n}\n');
  const values = {
    project: config.project,
    region: config.aws.region,
    account: config.aws.account,
    repository: config.git.repository,
    branch: config.git.branch,
    environments: Object.keys(config.environments),
  };
  await writeFile(join(root, "rehearsal.tfvars.json"), JSON.stringify(values));
  const terraform = terraformIn(owner, root, log);
  await terraform(["init", "-input=false", "-no-color"]);
  await terraform(["apply", "-input=false", "-no-color", "-auto-approve", "-var-file=rehearsal.tfvars.json"]);
}

/**
 * Plans a root of a commit as a person would, with Terraform alone.
 *
 * @param repository a repository that has the commit
 * @returns the plan's last words; undefined when there is nothing to change
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
  const plan = ["plan", "-input=false", "-no-color", "-detailed-exitcode", "-var-file=rehearsal.tfvars.json"];
  const { code, stdout } = await terraform(plan, [0, 2]);
  return code === 0 ? undefined : (/^Plan: .*$/m.exec(stdout)?.[0] ?? "it would change outputs");
}

async function variables(config: Config, root: TerraformRoot, repository: string) {
  const discovered = (await discoverImages(repository)).map((image) => image.name);
  return terraformVariables(config, root, config.deliver, await registryImages(repository, "HEAD", discovered));
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
  return async (args: string[], okCodes: readonly number[] = [0]) => {
    const result = await run(owner.terraform, args, { cwd, env: owner.environment, okCodes, timeout: 600_000 }).catch(
      async (error: unknown) => {
        await writeFile(log, String(error), { flag: "a" });
        throw error;
      },
    );
    await writeFile(log, `$ terraform ${args.join(" ")}\n${result.stdout}${result.stderr}\n`, { flag: "a" });
    return result;
  };
}
