import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { mapConcurrently } from "../core/concurrency.ts";
import { SlipwayError } from "../core/errors.ts";
import { git } from "../git/git.ts";
import type { GitSetting } from "../git/environment.ts";

/** How git finds the files of one index, apart from any working tree. */
export interface IndexedFiles {
  repository: string;
  /** Git's variables, which name the index. */
  variables: NodeJS.ProcessEnv;
  settings: readonly GitSetting[];
}

/**
 * Looks at what git's attributes make of files before they are written: a filter such as Git LFS that is missing on this
 * machine would leave something else in the image than its content key says, and nobody would notice.
 *
 * @param paths the files of the index
 * @returns settings for the checkout, which let it fail when a filter does
 * @throws SlipwayError naming each filter that is missing, with a file, or an attribute that machines write differently
 * @see https://git-scm.com/docs/gitattributes
 */
export async function checkAttributes(files: IndexedFiles, paths: readonly string[]): Promise<GitSetting[]> {
  await refuseOwnAttributes(files);
  const problems: string[] = [];
  const users = new Map<string, string>();
  for (const { path, attribute, value } of await attributesOf(files, paths)) {
    if (attribute === "filter") users.set(value, users.get(value) ?? path);
    else if (/^utf-?(16|32)$/i.test(value))
      problems.push(
        `${path}: working-tree-encoding=${value} leaves the order of bytes to each machine. Name it in .gitattributes, such as UTF-16LE-BOM.`,
      );
  }
  for (const [name, path] of users)
    if (!(await hasFilter(files, name)))
      problems.push(
        `${path} goes through git's filter "${name}" (.gitattributes), which this machine does not have: the image would hold what git stores instead of the file. ${howToGet(name)}`,
      );
  if (problems.length > 0) throw new SlipwayError(problems.join("\n"), { reason: "filter-missing" });
  return [...users.keys()].map((name) => [`filter.${name}.required`, "true"]);
}

function howToGet(name: string): string {
  return name === "lfs"
    ? 'Install git-lfs and run "git lfs install"; in a workflow, give actions/checkout "lfs: true".'
    : `Set filter.${name}.smudge or filter.${name}.process in git's configuration ("cat" when it changes nothing).`;
}

async function attributesOf({ repository, variables, settings }: IndexedFiles, paths: readonly string[]) {
  const { stdout } = await git(
    repository,
    ["check-attr", "--cached", "-z", "--stdin", "filter", "working-tree-encoding"],
    { variables, settings, input: paths.map((path) => `${path}\0`).join("") },
  );
  const fields = stdout.split("\0");
  const found: { path: string; attribute: string; value: string }[] = [];
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [path = "", attribute = "", value = ""] = fields.slice(at, at + 3);
    if (!["unspecified", "unset", "set", ""].includes(value)) found.push({ path, attribute, value });
  }
  return found;
}

async function hasFilter({ repository, variables, settings }: IndexedFiles, name: string): Promise<boolean> {
  for (const key of [`filter.${name}.process`, `filter.${name}.smudge`]) {
    const { stdout } = await git(repository, ["config", "--get", key], { variables, settings, okCodes: [0, 1] });
    if (stdout.trim() !== "") return true;
  }
  return false;
}

/** This file is in no commit, so two machines would write the same commit differently. */
async function refuseOwnAttributes({ repository, variables }: IndexedFiles): Promise<void> {
  const { stdout } = await git(repository, ["rev-parse", "--path-format=absolute", "--git-path", "info/attributes"], {
    variables,
  });
  const path = stdout.trimEnd();
  const lines = (await readFile(path, "utf8").catch(() => "")).split("\n");
  const line = lines.findIndex((text) =>
    /^\s*[^#\s].*\b(text|eol|crlf|binary|ident|filter|working-tree-encoding)\b/.test(text),
  );
  if (line >= 0)
    throw new SlipwayError(`${path}:${line + 1} changes how this machine writes files, and is in no commit.`, {
      next: "Move the line to .gitattributes and commit it, or remove it.",
    });
}

/** A pointer is smaller: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
const LARGEST_POINTER = 1024;
const POINTER = /^version https:\/\/(git-lfs\.github\.com\/spec|hawser\.github\.com\/spec)\//;

/**
 * Looks for files that are still pointers of Git LFS after the checkout, whatever the attributes say: a filter may have
 * been told to leave them (`GIT_LFS_SKIP_SMUDGE`, `lfs.fetchexclude`).
 *
 * @param folder the checkout
 * @param paths its files
 * @throws SlipwayError naming them
 */
export async function refusePointers(folder: string, paths: readonly string[]): Promise<void> {
  const pointers = await mapConcurrently(paths, 16, async (path) =>
    (await isPointer(join(folder, path))) ? [path] : [],
  );
  const found = pointers.flat();
  if (found.length === 0) return;
  const more = found.length > 1 ? ` and ${found.length - 1} more` : "";
  throw new SlipwayError(`${found[0]}${more} is a pointer of Git LFS and not the file itself.`, {
    next: 'Fetch the files ("git lfs pull"; in a workflow, give actions/checkout "lfs: true"), and have git-lfs write them: .gitattributes names filter=lfs, GIT_LFS_SKIP_SMUDGE is not set.',
    reason: "filter-missing",
  });
}

async function isPointer(path: string): Promise<boolean> {
  await using file = await open(path);
  if ((await file.stat()).size >= LARGEST_POINTER) return false;
  return POINTER.test((await file.readFile()).toString("latin1"));
}
