import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AwsCredentials, childEnvironment } from "../actions/lib/aws/credentials.ts";
import { type ProcessResult, run } from "../actions/lib/core/process.ts";
import { ensureTerraform } from "../actions/lib/terraform/run/install.ts";
import { terraformEnvironment } from "../scripts/rehearsal/tools/terraform.ts";

/** A root of `terraform/`. */
export type TerraformRootName = "bootstrap" | "registry" | "environment";

/** The project that the tests make. */
export const project = {
  project: "demo",
  region: "us-east-1",
  account: "000000000000",
} as const;

/** The repository whose tokens are trusted. */
export const trusted = { repository: "octo-org/octo-repo", branch: "main", environments: ["dev"] } as const;

/** The variables of each root, small and with every default that serves. */
export const variables: Record<TerraformRootName, Record<string, unknown>> = {
  bootstrap: { ...project, ...trusted },
  registry: { ...project, images: ["guests-api", "guests-nginx"] },
  environment: {
    ...project,
    environment: "dev",
    public_access_cidrs: ["203.0.113.0/24"],
    budget_monthly_usd: 150,
    budget_email: "costs@example.com",
  },
};

/** The bucket that `bootstrap` makes. */
export const stateBucket = `${project.project}-state-${project.account}-${project.region}`;

const stateKeys: Record<TerraformRootName, string> = {
  bootstrap: "bootstrap/terraform.tfstate",
  registry: "registry/terraform.tfstate",
  environment: "environments/dev/terraform.tfstate",
};

/** The emulator's root user, who may do everything. */
export const administrator: AwsCredentials = { accessKeyId: "test", secretAccessKey: "test" };

const variablesFile = "world.tfvars.json";

/** What plan, apply and destroy of a root have in common. */
export const common = ["-no-color", "-input=false", `-var-file=${variablesFile}`] as const;

/** How one Terraform process is started. */
export interface TerraformOptions {
  /** Whose credentials it gets; the administrator's when left out. */
  as?: AwsCredentials;
  okCodes?: readonly number[];
}

/** A copy of `terraform/` that works against one AWS endpoint. */
export interface TerraformWorld extends AsyncDisposable {
  /** The copy's path. */
  readonly folder: string;
  /** Runs Terraform in a folder of the copy. */
  terraform(folder: string, args: readonly string[], options?: TerraformOptions): Promise<ProcessResult>;
  /** `terraform init` for a root, its state in the bucket. */
  init(root: TerraformRootName, args?: readonly string[], options?: TerraformOptions): Promise<ProcessResult>;
  apply(root: TerraformRootName, args?: readonly string[], options?: TerraformOptions): Promise<ProcessResult>;
  /** Whether a plan finds nothing to do. */
  isClean(root: TerraformRootName, args?: readonly string[], options?: TerraformOptions): Promise<boolean>;
  destroy(root: TerraformRootName, args?: readonly string[], options?: TerraformOptions): Promise<ProcessResult>;
  /** The addresses of what a root's state holds, data sources left out. */
  resources(root: TerraformRootName): Promise<string[]>;
  /** The first apply of `bootstrap`, with a local state, as its README says. */
  bootstrap(): Promise<ProcessResult>;
}

/** Copies `terraform/`, without what a working tree has left in it, and points the copy at `endpoint`. */
export async function openTerraform(endpoint: string): Promise<TerraformWorld> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-terraform-"));
  await cp(import.meta.dirname, folder, {
    recursive: true,
    filter: (path) => !/\.terraform$|\.tfstate|_override\.tf$|\.tfvars/.test(path),
  });
  for (const [root, values] of Object.entries(variables))
    await writeFile(join(folder, root, variablesFile), JSON.stringify(values));

  const program = await ensureTerraform();
  const terraform: TerraformWorld["terraform"] = async (where, args, options = {}) => {
    const env = await childEnvironment(() => Promise.resolve(options.as ?? administrator), project.region);
    return run(program, args, {
      cwd: join(folder, where),
      env: defined({
        ...env,
        ...(await terraformEnvironment()),
        AWS_ENDPOINT_URL: endpoint,
        TF_IN_AUTOMATION: "1",
        CHECKPOINT_DISABLE: "1",
      }),
      timeout: 240_000,
      ...(options.okCodes ? { okCodes: options.okCodes } : {}),
    });
  };
  const world: TerraformWorld = {
    folder,
    terraform,
    init(root, args = [], options) {
      const backend = Object.entries({ bucket: stateBucket, key: stateKeys[root], region: project.region });
      return terraform(
        root,
        ["init", "-no-color", ...backend.map(([name, value]) => `-backend-config=${name}=${value}`), ...args],
        options,
      );
    },
    apply: (root, args = [], options) => terraform(root, ["apply", ...common, "-auto-approve", ...args], options),
    async isClean(root, args = [], options = {}) {
      const plan = ["plan", ...common, "-detailed-exitcode", ...args];
      const { code, stdout } = await terraform(root, plan, { ...options, okCodes: [0, 2] });
      if (code === 2) console.error(stdout.slice(stdout.indexOf("Terraform used the selected providers")));
      return code === 0;
    },
    destroy: (root, args = [], options) => terraform(root, ["destroy", ...common, "-auto-approve", ...args], options),
    async resources(root) {
      const { stdout } = await terraform(root, ["state", "list"]);
      return stdout.split("\n").filter((address) => address && !/(^|\.)data\./.test(address));
    },
    async bootstrap() {
      await writeFile(join(folder, "bootstrap", "first_override.tf"), 'terraform {\n  backend "local" {}\n}\n');
      await terraform("bootstrap", ["init", "-no-color"]);
      return world.apply("bootstrap");
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
  return world;
}

function defined(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
}
