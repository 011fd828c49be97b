import { SlipwayError } from "../core/errors.ts";
import { git, gitText } from "./git.ts";
import { type OutageOptions, throughOutages } from "./outages.ts";

/**
 * The remote that a partial clone (`--filter=blob:none`) gets missing objects from; `undefined` in a whole clone.
 * @see https://git-scm.com/docs/partial-clone
 */
export async function promisorRemote(repository: string, env = process.env): Promise<string | undefined> {
  const setting = /^remote\.(.+)\.promisor true$/;
  const { stdout } = await git(repository, ["config", "--get-regexp", "^remote\\..*\\.promisor$"], {
    env,
    okCodes: [0, 1],
  });
  return stdout
    .split("\n")
    .map((line) => setting.exec(line)?.[1])
    .find((remote) => remote !== undefined);
}

/** Milliseconds for one fetch: it may bring all files of a large repository. */
const fetchPatience = 600_000;

/**
 * Brings the files of `ids` that a partial clone lacks, in one request; git itself would ask for each when it is read.
 *
 * @param remote from `promisorRemote`
 * @param commit a commit that holds every file of `ids`
 * @param options how long an outage of the remote is waited through
 * @throws SlipwayError when the remote does not give them
 */
export async function fetchMissing(
  repository: string,
  remote: string,
  commit: string,
  ids: Iterable<string>,
  env = process.env,
  options: OutageOptions = {},
): Promise<void> {
  const wanted = new Set(ids);
  const listed = await gitText(repository, ["rev-list", "--objects", "--no-walk", "--missing=print", commit], {
    env,
  });
  const missing = listed
    .split("\n")
    .flatMap((line) => (line[0] === "?" && wanted.has(line.slice(1)) ? [line.slice(1)] : []));
  if (missing.length === 0) return;
  const args = [
    "fetch",
    "--no-tags",
    "--no-write-fetch-head",
    "--recurse-submodules=no",
    "--filter=blob:none",
    "--stdin",
  ];
  // "noop": otherwise git says that it has the commit, and the server concludes that it has the commit's files too.
  const fetch = () =>
    git(repository, ["-c", "fetch.negotiationAlgorithm=noop", ...args, remote], {
      env,
      input: `${missing.join("\n")}\n`,
      timeout: fetchPatience,
    });
  await throughOutages(fetch, options).catch((cause: unknown) => {
    if (!(cause instanceof SlipwayError)) throw cause;
    throw new SlipwayError(`This partial clone lacks ${missing.length} files that are needed: ${cause.message}`, {
      next: "Let the checkout bring them: name them in its sparse-checkout patterns, as actions/plan/README.md shows.",
      cause,
    });
  });
}
