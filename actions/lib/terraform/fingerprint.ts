import { createHash } from "node:crypto";
import * as z from "zod";
import type { Config } from "../config/config.ts";
import { SlipwayError } from "../core/errors.ts";
import { gitText } from "../git/git.ts";
import { rootFiles } from "./inputs/files.ts";
import { stateLocation, type TerraformRoot } from "./root.ts";
import { openStateStore, type StateStore } from "./state/store.ts";
import { registryImages, type TerraformVariables, terraformVariables } from "./variables.ts";
import { terraformVersion } from "./run/version.ts";

/** Changed when the rules of inputs/ become stricter: what was applied under laxer ones is looked at once more. */
const checked = 1;

/**
 * A hash of everything in the repository that Terraform reads when it applies a root: the files of the root and of the modules,
 * the variables, and the versions of Terraform that may be used. Terraform runs in a copy of these files (inputs/copy.ts)
 * and without variables of the environment that would decide (inputs/environment.ts), so it reads nothing else.
 *
 * @param repository the checkout; only git's objects are read, never the working tree
 * @returns `sha256:` and 64 hexadecimal digits
 * @throws SlipwayError when `revision` holds no such root
 */
export async function fingerprint(options: {
  repository: string;
  revision: string;
  root: TerraformRoot;
  variables: TerraformVariables;
}): Promise<string> {
  const { repository, revision, root } = options;
  const files = await rootFiles(repository, revision, root);
  const variables = Object.entries(options.variables).sort(([a], [b]) => (a < b ? -1 : 1));
  const { minimum, below } = terraformVersion;
  const hash = createHash("sha256").update(
    JSON.stringify({ checked, files, variables, terraform: { minimum, below } }),
  );
  return `sha256:${hash.digest("hex")}`;
}

/** What Argo CD is installed from, and told. */
const bootstrapFolder = "gitops/bootstrap";

/**
 * Git's id of the folder that Argo CD is installed from. Argo CD then looks after some of its content itself; it is
 * simpler, and costs seconds, to install it again for a change in that, too.
 *
 * @throws SlipwayError when `revision` has no such folder
 */
export async function bootstrapTree(repository: string, revision: string): Promise<string> {
  const name = `${revision}:${bootstrapFolder}`;
  const tree = await gitText(repository, ["rev-parse", "--verify", "--quiet", name], { okCodes: [0, 1] });
  if (tree) return tree;
  throw new SlipwayError(`${bootstrapFolder}/ is not in ${revision}.`, {
    next: "Commit it: Argo CD is installed from it.",
  });
}

/** What the last successful apply of a root left next to its state. */
const appliedRecord = z.object({
  fingerprint: z.string(),
  /** The tag of the state as the apply left it: a state that somebody else wrote is not the one we know. */
  state: z.string(),
  commit: z.string(),
  appliedAt: z.string(),
  /** The run on GitHub, or the person at a machine. */
  by: z.string(),
  /** Terraform's outputs, without the sensitive ones. */
  outputs: z.record(z.string(), z.unknown()),
  /**
   * Which bootstrap Argo CD was installed from in the cluster, after that apply. Terraform's success is recorded without
   * it, so that an installation that fails is started again, and Terraform is not.
   */
  installed: z.string().optional(),
});
/** What the last successful apply of a root left next to its state. */
export type AppliedRecord = z.infer<typeof appliedRecord>;

/** Where the record of the last apply is kept. */
export const appliedKey = (stateKey: string) => `${stateKey}.applied`;

/**
 * The record of the last apply, if it still describes the state that is there.
 * `undefined` when there is none, when it cannot be understood, or when the state was written or removed since.
 */
export async function readApplied(store: StateStore, stateKey: string): Promise<AppliedRecord | undefined> {
  const [record, state] = await Promise.all([store.read(appliedKey(stateKey)), store.tag(stateKey)]);
  if (!record || state === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(record.text);
  } catch {
    return undefined;
  }
  const parsed = appliedRecord.safeParse(json);
  return parsed.success && parsed.data.state === state ? parsed.data : undefined;
}

/** Leaves a record next to its state. */
export async function writeApplied(store: StateStore, stateKey: string, record: AppliedRecord): Promise<void> {
  await store.write(appliedKey(stateKey), JSON.stringify(record, undefined, 2));
}

/** What has to be known to say whether a root must be applied. */
export interface ApplyQuestion {
  /** The checkout's path. */
  repository: string;
  revision: string;
  config: Config;
  root: TerraformRoot;
  environment: string;
  /** The names of the images that `revision` can build. */
  images: readonly string[];
  credentials: Parameters<typeof openStateStore>[0]["credentials"];
}

/** What a root is to be at a revision. */
export interface Desired {
  variables: TerraformVariables;
  fingerprint: string;
  /** What Argo CD is to be installed from in the root's cluster; absent for a root that has none. */
  installed?: string;
}

/** Everything that decides whether there is something to do for a root. */
export async function desired(question: Omit<ApplyQuestion, "credentials">): Promise<Desired> {
  const { repository, revision, config, root, environment } = question;
  const images = root === "registry" ? await registryImages(repository, revision, question.images) : [];
  const variables = terraformVariables(config, root, environment, images);
  return {
    variables,
    fingerprint: await fingerprint({ repository, revision, root, variables }),
    ...(root === "environment" ? { installed: await bootstrapTree(repository, revision) } : {}),
  };
}

/**
 * Whether `infra` has anything to do: `false` only when nothing that Terraform reads, nor anything that Argo CD is
 * installed from, has changed since both last succeeded. No Terraform process is started to find out.
 *
 * @throws SlipwayError when the state bucket is missing (before terraform/bootstrap was applied) or cannot be read
 */
export async function needsApply(question: ApplyQuestion): Promise<boolean> {
  const { bucket, key, region } = stateLocation(question.config, question.root, question.environment);
  const store = openStateStore({ bucket, region, credentials: question.credentials });
  const [wanted, applied] = await Promise.all([desired(question), readApplied(store, key)]);
  return applied?.fingerprint !== wanted.fingerprint || applied.installed !== wanted.installed;
}
