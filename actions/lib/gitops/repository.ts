import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyParts } from "../images/content-key.ts";
import { messageOf, SlipwayError } from "../core/errors.ts";
import { git, type GitOptions } from "../git/git.ts";
import { FOLDER_MODE, GitObjects } from "../git/objects.ts";
import { discoverImages, type Image } from "../images/image.ts";
import { promisorRemote } from "../git/partial-clone.ts";
import { ProcessError } from "../core/process.ts";
import type { OverlayFiles } from "./changes.ts";
import { judgeFailure, Unreachable } from "./failures.ts";
import { appsFolder, overlayPaths } from "./paths.ts";
import type { Remote } from "./remote.ts";

/** A commit of the branch that is read. */
export interface Snapshot {
  commit: string;
  tree: string;
}

/** What a release commit changes. */
export interface CommitOptions {
  parent: Snapshot;
  message: string;
  /** By path: the whole new text. */
  files: ReadonlyMap<string, string>;
}

/** How a push ended; anything that another attempt cannot change is thrown. */
export type PushResult = "pushed" | "raced" | Unreachable;

/** The remote's server answers within this time or is given up, in milliseconds. */
const patience = 60_000;

/** The bot as GitHub shows it for commits of GITHUB_TOKEN: its user id is in https://api.github.com/users/github-actions[bot]. */
const bot = "github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>";

const base = "refs/slipway/base";
const made = "refs/slipway/made";
const proposals = "refs/slipway/proposals";
const commits = "refs/slipway/commits";

/**
 * A temporary bare repository that holds of the remote only what a release needs: one commit, its folders, and the
 * few files that releases read. Commits are made from objects, without a working tree or an index.
 */
export class ReleaseRepository implements AsyncDisposable {
  readonly remote: Remote;
  readonly #folder: string;
  readonly #objects: GitObjects;
  readonly #texts = new Map<string, string>();
  /** The texts that were read, by tree and path. */
  readonly #replaced = new Map<string, string>();
  readonly #checkout: Promise<GitObjects | undefined>;
  /** The images that were found last, and what they were found in. */
  #images: { sources: string; images: Image[] | undefined } | undefined;

  private constructor(remote: Remote, folder: string, checkout: string | undefined) {
    this.remote = remote;
    this.#checkout = wholeClone(checkout);
    this.#folder = folder;
    this.#objects = new GitObjects(folder, remote.env);
  }

  /** @param checkout a clone whose files need not be fetched again */
  static async open(remote: Remote, checkout?: string): Promise<ReleaseRepository> {
    return new ReleaseRepository(remote, await bareRepository(remote), checkout);
  }

  /**
   * Brings the branch's last commit here.
   *
   * @param proposals whether also those of the machine-owned branches `slipway/*`
   * @throws SlipwayError when it cannot be read; Unreachable when another attempt may succeed
   */
  async fetch({ proposals: wanted = false } = {}): Promise<Snapshot> {
    await fetchFrom(this.#folder, this.remote, [
      "--depth=1",
      "--filter=blob:none",
      "--prune",
      `+refs/heads/${this.remote.branch}:${base}`,
      ...(wanted ? [`+refs/heads/slipway/*:${proposals}/*`] : []),
    ]);
    return this.#objects.revision(base);
  }

  /**
   * Brings one commit here.
   *
   * @param id a whole commit id
   * @throws SlipwayError when the remote does not have it; Unreachable when another attempt may succeed
   */
  async fetchCommit(id: string): Promise<Snapshot> {
    await fetchFrom(this.#folder, this.remote, ["--depth=1", "--filter=blob:none", `+${id}:${commits}/${id}`]);
    return this.#objects.revision(`${commits}/${id}`);
  }

  /** The names of all apps under gitops/apps. */
  async apps(at: Snapshot): Promise<string[]> {
    const args = ["ls-tree", "-d", "-z", "--name-only", at.tree, appsFolder];
    const { stdout } = await git(this.#folder, args, { env: this.remote.env });
    return stdout.split("\0").flatMap((path) => (path ? [path.slice(appsFolder.length)] : []));
  }

  /** The branch `slipway/<name>` as the last fetch found it. */
  async proposal(name: string): Promise<Snapshot | undefined> {
    const reference = `${proposals}/${name}`;
    const args = ["for-each-ref", "--format=%(objectname)", reference];
    const { stdout } = await git(this.#folder, args, { env: this.remote.env });
    return stdout.trim() ? this.#objects.revision(reference) : undefined;
  }

  /** The files of each of these apps that has an overlay for the environment. */
  async overlays(at: Snapshot, apps: Iterable<string>, environment: string): Promise<Map<string, OverlayFiles>> {
    const all = [...new Set(apps)].map((app) => ({ app, paths: overlayPaths(app, environment) }));
    const found = await this.#filesOf(at, environment);
    const released = all.filter(({ paths }) => found.has(paths.overlay));
    const ids = released.flatMap(({ paths }) => [found.get(paths.images), found.get(paths.hold)]);
    await this.#read(ids.filter((id) => id !== undefined));
    const text = (path: string) => {
      const known = this.#texts.get(found.get(path) ?? "");
      if (known !== undefined) this.#replaced.set(`${at.tree}:${path}`, known);
      return known;
    };
    return new Map(released.map(({ app, paths }) => [app, { images: text(paths.images), hold: text(paths.hold) }]));
  }

  /**
   * The images of a commit, after one fetch of their ignore files; none when the commit breaks a rule of images, where
   * its own delivery stops. Commits that differ only in `gitops` are looked at once.
   *
   * @param keys what is part of the images' keys, the same in each call
   * @throws Unreachable when another attempt may succeed
   */
  async images(at: Snapshot, keys?: KeyParts): Promise<Image[] | undefined> {
    const sources = await outsideOfGitops(this.#objects, at.tree);
    if (this.#images?.sources !== sources) this.#images = { sources, images: await this.#discover(at, keys) };
    return this.#images.images;
  }

  /** Whether the checkout has a commit that differs from another one at most in `gitops`, which no image is made of. */
  async sameSources(own: string, at: Snapshot): Promise<boolean> {
    const checkout = await this.#checkout;
    if (!checkout) return false;
    const { tree } = await checkout.revision(own);
    return (await outsideOfGitops(checkout, tree)) === (await outsideOfGitops(this.#objects, at.tree));
  }

  /** Makes a commit here; nothing is sent. */
  async commit({ parent, message, files }: CommitOptions): Promise<Snapshot> {
    const when = `${Math.floor(Date.now() / 1000)} +0000`;
    const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
    // A push over HTTP makes a thin pack whatever it is told, and looks at the files that ours replace: those that
    // came from the checkout must be here, or git fetches each of them.
    const replaced = [...files.keys()].map((path) => this.#replaced.get(`${parent.tree}:${path}`));
    const stream = [
      ...replaced.flatMap((text) => (text === undefined ? [] : [`blob\n${data(text)}`])),
      `commit ${made}\nauthor ${bot} ${when}\ncommitter ${bot} ${when}\n${data(message)}from ${parent.commit}\n`,
      ...[...files].map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`),
      "\ndone\n",
    ];
    // One process makes the files, the folders above them and the commit: https://git-scm.com/docs/git-fast-import
    await git(this.#folder, ["fast-import", "--quiet", "--force", "--done", "--date-format=raw"], {
      env: this.remote.env,
      input: stream.join(""),
    });
    return this.#objects.revision(made);
  }

  /** Puts the commit that was made last on the branch; refused there when the branch has moved. */
  push(): Promise<PushResult> {
    return this.#push([`${made}:refs/heads/${this.remote.branch}`]);
  }

  /** Replaces the machine-owned branch `slipway/<name>`, if it is still as it was read. */
  propose(name: string, previous: Snapshot | undefined): Promise<PushResult> {
    const branch = `refs/heads/slipway/${name}`;
    return this.#push([`--force-with-lease=${branch}:${previous?.commit ?? ""}`, `${made}:${branch}`]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = [this.#objects, await this.#checkout].filter((each) => each !== undefined);
    await Promise.all(opened.map((each) => each[Symbol.asyncDispose]()));
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** By path: the ids of the files of all overlays for an environment. git lists them faster than we open folders. */
  async #filesOf(at: Snapshot, environment: string): Promise<Map<string, string>> {
    const args = ["ls-tree", "-r", "-z", "--format=%(objectname) %(path)", at.tree, appsFolder];
    const { stdout } = await git(this.#folder, args, { env: this.remote.env });
    const lines = stdout.split("\0").filter((line) => line.includes(`/overlays/${environment}/`));
    return new Map(
      lines.map((line) => {
        const space = line.indexOf(" ");
        return [line.slice(space + 1), line.slice(0, space)];
      }),
    );
  }

  async #discover(at: Snapshot, keys: KeyParts | undefined): Promise<Image[] | undefined> {
    try {
      return await discoverImages(this.#folder, at.commit, this.remote.env, keys);
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      const causes: unknown[] = [error];
      while (causes[0] instanceof Error && causes[0].cause !== undefined) causes.unshift(causes[0].cause);
      const failed = causes.some((each) => each instanceof ProcessError);
      if (failed) throw new Unreachable(error.message, { cause: error });
      return undefined;
    }
  }

  async #push(args: readonly string[]): Promise<PushResult> {
    const options: GitOptions = { env: this.remote.env, timeout: patience, okCodes: [0, 1] };
    const flags = args.filter((each) => each.startsWith("--"));
    const references = args.filter((each) => !each.startsWith("--"));
    try {
      const command = ["push", "--porcelain", "--no-verify", ...flags, "origin", ...references];
      const { code, stdout, stderr } = await git(this.#folder, command, options);
      if (code === 0) return "pushed";
      throw new ProcessError("git push", code, "was refused", `${stdout}\n${stderr}`);
    } catch (error) {
      const judged = judgeFailure(error);
      if (judged instanceof SlipwayError) throw judged;
      return judged === "raced" ? "raced" : new Unreachable(messageOf(error), { cause: error });
    }
  }

  /** Fetches the files that are not here yet in one request; git itself would ask for one at a time. */
  async #read(ids: readonly string[]): Promise<void> {
    const lacking = () => [...new Set(ids)].filter((id) => !this.#texts.has(id));
    const checkout = await this.#checkout;
    for (const [id, text] of (await checkout?.presentTexts(lacking())) ?? []) this.#texts.set(id, text);
    const unknown = lacking();
    if (unknown.length === 0) return;
    await fetchFrom(this.#folder, this.remote, ["--filter=blob:none", "--stdin"], {
      input: `${unknown.join("\n")}\n`,
      settings: ["-c", "fetch.negotiationAlgorithm=noop"],
    });
    for (const [id, text] of await this.#objects.texts(unknown)) this.#texts.set(id, text);
  }
}

/** The objects of a checkout, unless it is a partial clone, which would fetch what it lacks file by file. */
async function wholeClone(checkout: string | undefined): Promise<GitObjects | undefined> {
  if (!checkout || (await promisorRemote(checkout).catch(() => "unknown")) !== undefined) return undefined;
  return new GitObjects(checkout);
}

/** The same text for commits that differ at most in `gitops`, where releases write. */
async function outsideOfGitops(objects: GitObjects, tree: string): Promise<string> {
  await objects.trees([tree]);
  return JSON.stringify([...objects.tree({ mode: FOLDER_MODE, id: tree })].filter(([name]) => name !== "gitops"));
}

/** A new bare repository in a temporary folder, which its maker removes. */
export async function bareRepository(remote: Remote): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-release-"));
  await git(folder, ["init", "--quiet", "--bare", "--template="], { env: remote.env });
  return folder;
}

/**
 * Runs `git fetch` from the remote: options first, then refspecs.
 *
 * @throws SlipwayError when the remote refuses; Unreachable when another attempt may succeed
 */
export async function fetchFrom(
  folder: string,
  remote: Remote,
  args: readonly string[],
  more: { input?: string; settings?: readonly string[] } = {},
): Promise<void> {
  const options = args.filter((each) => each.startsWith("--"));
  const references = args.filter((each) => !each.startsWith("--"));
  const always = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance"];
  const command = [...(more.settings ?? []), "fetch", ...always, ...options, "origin", ...references];
  await git(folder, command, {
    env: remote.env,
    timeout: patience,
    ...(more.input === undefined ? {} : { input: more.input }),
  }).catch((error: unknown) => {
    const judged = judgeFailure(error);
    if (judged instanceof SlipwayError) throw judged;
    throw new Unreachable(messageOf(error), { cause: error });
  });
}
