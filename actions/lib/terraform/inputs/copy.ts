import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { git } from "../../git/git.ts";
import type { TerraformRoot } from "../root.ts";
import { rootFiles } from "./files.ts";
import { refuseUnseen } from "./unseen.ts";

/** A root as its commit has it, in a folder of its own. */
export interface RootCopy extends AsyncDisposable {
  /** The root's folder in the copy; Terraform runs in it. */
  readonly folder: string;
}

/**
 * Copies what an apply of a root can read out of git. Terraform runs in the copy, so it can read nothing of the
 * repository that the fingerprint does not cover: no other folder, no ignored file, no change that is not committed.
 *
 * @throws SlipwayError with reason `unseen-input` as `refuseUnseen` does
 */
export async function copyRoot(repository: string, revision: string, root: TerraformRoot): Promise<RootCopy> {
  const files = await rootFiles(repository, revision, root);
  const into = await mkdtemp(join(process.env.RUNNER_TEMP || tmpdir(), "slipway-root-"));
  const dispose = () => rm(into, { recursive: true, force: true });
  try {
    const variables = { GIT_INDEX_FILE: join(into, "index") };
    const input = files.map(({ mode, id, path }) => `${mode} ${id}\t${path}\0`).join("");
    await git(repository, ["update-index", "-z", "--index-info"], { variables, input });
    await git(repository, ["checkout-index", "--all", `--prefix=${into}/`], { variables });
    await refuseUnseen(root, files, (path) => readFile(join(into, path), "utf8"));
    return { folder: join(into, "terraform", root), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
