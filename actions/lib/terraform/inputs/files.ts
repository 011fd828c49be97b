import { SlipwayError } from "../../core/errors.ts";
import { gitText } from "../../git/git.ts";
import type { TerraformRoot } from "../root.ts";

/** A committed file: `mode` and `id` as git writes them, `path` from the repository's root. */
export interface RootFile {
  mode: string;
  id: string;
  path: string;
}

/** Files next to a configuration that an apply never reads: they describe or test it. */
const notRead = /(^|\/)README\.md$|\.tftest\.(hcl|json)$|\.test\.ts$/;

/** The folders that an apply of a root reads. */
export const rootFolders = (root: TerraformRoot): string[] => [`terraform/${root}/`, "terraform/modules/"];

/**
 * Every file that an apply of a root can read. Its fingerprint covers them, and Terraform runs in a copy of them.
 *
 * @param repository the checkout; only git's trees are read, never the working tree
 * @throws SlipwayError when `revision` holds no such root
 */
export async function rootFiles(repository: string, revision: string, root: TerraformRoot): Promise<RootFile[]> {
  const folders = rootFolders(root);
  const listed = await gitText(repository, ["ls-tree", "-r", "-z", "--full-tree", revision, "--", ...folders]);
  const files = listed.split("\0").flatMap((line) => {
    const [, mode = "", id = "", path = ""] = /^(\d+) \w+ ([0-9a-f]+)\t([^]+)$/.exec(line) ?? [];
    return path === "" || notRead.test(path) ? [] : [{ mode, id, path }];
  });
  if (files.some(({ path }) => path.startsWith(`terraform/${root}/`))) return files;
  throw new SlipwayError(`terraform/${root}/ is not in ${revision}.`, {
    next: "Commit the Terraform root, or fix the input.",
  });
}
