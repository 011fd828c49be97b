import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../actions/lib/core/process.ts";
import { ensureTerraform } from "../../actions/lib/terraform/run/install.ts";

const folder = join(import.meta.dirname, "..", "..", "terraform", "bootstrap");

/** What the roles are made for; as the variables of terraform/bootstrap. */
export interface RoleVariables {
  project: string;
  region: string;
  account: string;
  repository: string;
  branch: string;
  environments: readonly string[];
  /** What the names of apps end in, by environment; no environment has a domain when left out. */
  domains?: Readonly<Record<string, string>>;
}

/** A statement of a policy, as IAM reads it. */
export interface Statement {
  Sid: string;
  Effect: "Allow";
  Action: string | readonly string[];
  Resource: string | readonly string[];
  /** By operator, then by key. */
  Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A role of the pipeline. */
export interface PipelineRole {
  /** The exact values of `sub` that may take it on. */
  subjects: readonly string[];
  /** What else a token must say, by the claim's name. */
  claims: Readonly<Record<string, readonly string[]>>;
  /** Its policies, by their short names. */
  policies: Readonly<Record<string, readonly Statement[]>>;
  /** How long a session lasts at most. */
  session_seconds: number;
}

/** What terraform/bootstrap gives. */
export interface Policies {
  /** By the name's part behind the project: `plan`, `deploy`, `apply-<environment>`. */
  roles: Readonly<Record<string, PipelineRole>>;
  /** The only policies that a role made by an apply can have; all are AWS's. */
  handedOut: readonly string[];
}

/**
 * Reads the roles' policies out of terraform/bootstrap: Terraform evaluates its values, without a provider, a state or an
 * account. The variables are not validated, so that names which slipway.yaml may not have can be looked at, too.
 */
export async function readPolicies(variables: RoleVariables): Promise<Policies> {
  const copy = await mkdtemp(join(tmpdir(), "slipway-policies-"));
  try {
    for (const name of (await readdir(folder)).filter((file) => file.endsWith(".tf"))) {
      const blocks = [...(await readFile(join(folder, name), "utf8")).matchAll(/^[a-z]+/gm)].map(([block]) => block);
      if (blocks.every((block) => block === "locals")) await copyFile(join(folder, name), join(copy, name));
    }
    const given = Object.entries({ domains: {}, ...variables, repository_ids: null, existing_oidc_provider: false });
    const variable = Object.fromEntries(given.map(([name, value]) => [name, { default: value }]));
    await writeFile(join(copy, "variables.tf.json"), JSON.stringify({ variable }));
    const { stdout } = await run(await ensureTerraform(), ["console"], {
      cwd: copy,
      input: "jsonencode({ roles = local.roles, handedOut = local.node_policies })",
    });
    // The console prints a text as Terraform writes it, in quotes.
    return JSON.parse(JSON.parse(stdout) as string) as Policies;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
