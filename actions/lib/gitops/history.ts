import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { gitText } from "../git/git.ts";
import type { Remote } from "./remote.ts";
import { bareRepository, fetchFrom } from "./repository.ts";

/** Commits that are fetched at first; a source is rarely further behind the branch. */
const window = 100;

const tip = "refs/slipway/tip";
const source = "refs/slipway/source";

/**
 * Which of some commits are on the branch without being contained in `own`: what a release of `own` would undo.
 * A commit that a force push took off the branch is not one of them, so it never stands in a release's way.
 *
 * Fetches commits without folders or files, and only as many as are needed to be sure.
 *
 * @param own the whole id of a commit that the remote has
 * @param commits whole ids
 */
export async function newerOnBranch(remote: Remote, own: string, commits: Iterable<string>): Promise<Set<string>> {
  const asked = new Set(commits);
  asked.delete(own);
  if (asked.size === 0) return new Set();
  const folder = await bareRepository(remote);
  try {
    const references = [`+refs/heads/${remote.branch}:${tip}`, `+${own}:${source}`];
    const ahead = async (depth: string) => {
      await fetchFrom(folder, remote, [depth, "--filter=tree:0", ...references]);
      const lines = await gitText(folder, ["rev-list", tip, `^${source}`], { env: remote.env });
      return new Set(lines.split("\n").filter(Boolean));
    };
    const edge = async () => (await readFile(join(folder, "shallow"), "utf8").catch(() => "")).split("\n");

    const near = await ahead(`--depth=${window}`);
    // Where history is cut off beyond the source, "not seen" proves that a commit is not newer. Anything else may
    // be an effect of the cut, and is decided on the whole history.
    const cut = (await edge()).filter(Boolean);
    const certain = cut.length === 0 || ![...asked, ...cut].some((commit) => near.has(commit));
    const newer = certain ? near : await ahead("--unshallow");
    return new Set([...asked].filter((commit) => newer.has(commit)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
