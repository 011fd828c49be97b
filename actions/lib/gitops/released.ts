import { SlipwayError } from "../core/errors.ts";
import { Unreachable } from "./failures.ts";
import { newerOnBranch } from "./history.ts";
import { type PinnedImage, parseImagesFile, sameImages } from "./images-file.ts";
import { overlayPaths } from "./paths.ts";
import type { Remote } from "./remote.ts";
import { ReleaseRepository, type Snapshot } from "./repository.ts";

/** What an app is to run. */
export interface ReleasedApp {
  app: string;
  /** The commit that its images were last changed for. */
  source: string | undefined;
  images: PinnedImage[];
}

/** What an environment is to run, as one commit says. */
export interface Released {
  commit: string;
  /** Those that have released images, sorted by name. */
  apps: ReleasedApp[];
  /** The others, each with the reason. */
  skipped: { app: string; why: string }[];
}

/** How a commit stands to another one that has to be live. */
export interface Relation {
  /** Whether it is that commit or one after it. */
  contains: boolean;
  /** What it says; nothing when the remote does not have it (any more). */
  released: Released | undefined;
}

/** Reads what releases have written for one environment. */
export class Releases implements AsyncDisposable {
  readonly #repository: ReleaseRepository;
  readonly #environment: string;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(repository: ReleaseRepository, environment: string) {
    this.#repository = repository;
    this.#environment = environment;
  }

  /** @param checkout a clone whose files need not be fetched again */
  static async open(remote: Remote, environment: string, checkout?: string): Promise<Releases> {
    return new Releases(await ReleaseRepository.open(remote, checkout), environment);
  }

  /**
   * What has to be live.
   *
   * @param commit a commit on the branch; its newest when left out
   * @throws SlipwayError when it cannot be read or a file in it is malformed
   */
  read(commit?: string): Promise<Released> {
    return this.#inTurn(async () => {
      const repository = this.#repository;
      return this.#readAt(await (commit === undefined ? repository.fetch() : repository.fetchCommit(commit)));
    });
  }

  /**
   * How a commit that the cluster is at stands to the one that has to be live.
   *
   * @param own a commit on the branch
   * @throws Unreachable when another attempt may succeed
   */
  async relation(own: string, commit: string): Promise<Relation> {
    const [newer, released] = await Promise.all([
      commit === own ? undefined : newerOnBranch(this.#repository.remote, own, [commit]),
      this.read(commit).catch((error: unknown) => {
        if (error instanceof Unreachable || !(error instanceof SlipwayError)) throw error;
        return undefined; // no commit of this repository, or not one that says what to run
      }),
    ]);
    return { contains: newer?.has(commit) ?? true, released };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#repository[Symbol.asyncDispose]();
  }

  async #readAt(at: Snapshot): Promise<Released> {
    const names = (await this.#repository.apps(at)).sort();
    const overlays = await this.#repository.overlays(at, names, this.#environment);
    const released: Released = { commit: at.commit, apps: [], skipped: [] };
    for (const app of names) {
      const overlay = overlays.get(app);
      const path = overlayPaths(app, this.#environment).images;
      const file = overlay?.images === undefined ? undefined : parseImagesFile(overlay.images, path);
      if (file && file.images.length > 0) released.apps.push({ app, ...file });
      else
        released.skipped.push({
          app,
          why: overlay ? "none of its images is released yet" : `it has no overlay for ${this.#environment}`,
        });
    }
    return released;
  }

  /** The repository answers one question at a time. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => {});
    return done;
  }
}

/** Whether what a commit says of an app is what another one wants. */
export function carries(released: Released | undefined, wanted: ReleasedApp): boolean {
  const found = released?.apps.find(({ app }) => app === wanted.app);
  return found !== undefined && sameImages(found.images, wanted.images);
}
