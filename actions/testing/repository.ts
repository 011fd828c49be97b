import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { git, gitText } from "../lib/git/git.ts";

/** A git repository for one test. */
export interface TestRepository extends AsyncDisposable {
  readonly path: string;
}

/** Makes an empty repository on branch `main`, in a folder that goes with it. */
export async function temporaryRepository(): Promise<TestRepository> {
  const path = await mkdtemp(join(tmpdir(), "slipway-repository-"));
  await git(path, ["init", "-q", "-b", "main"]);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Writes files, by path from the repository's root, and commits everything. @returns the commit's id */
export async function commitFiles(repository: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(repository, path)), { recursive: true });
    await writeFile(join(repository, path), text);
  }
  await git(repository, ["add", "--all", "--force"]);
  const author = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
  await git(repository, [...author, "commit", "-q", "--allow-empty", "-m", "Change files"]);
  return gitText(repository, ["rev-parse", "HEAD"]);
}
