import { SlipwayError } from "../core/errors.ts";
import { parseHold } from "./hold.ts";
import { type ImagesFile, type PinnedImage, parseImagesFile, renderImagesFile, sameImages } from "./images-file.ts";
import { overlayPaths } from "./paths.ts";

/** An image that a release wants an environment to run. */
export interface WantedImage {
  name: string;
  app: string;
  /** Its content key. */
  key: string;
  /** Its repository at the account's registry, without a tag. */
  repository: string;
  /** Its digest in the registry; absent when the registry has no such image. */
  digest?: string | undefined;
}

/** What is to run where, and the commit that says so. */
export interface ReleaseRequest {
  environment: string;
  /** The whole id of the source commit. */
  source: string;
  /** Every image of every app of that commit. */
  images: readonly WantedImage[];
  /** The address of the run that releases, for the commit's trailer. */
  run?: string | undefined;
}

/** The texts under an app's overlay for the environment. */
export interface OverlayFiles {
  images?: string | undefined;
  hold?: string | undefined;
}

/** What becomes of one image. */
export interface ImageChange {
  name: string;
  app: string;
  /** Absent for an image that the source no longer has. */
  key?: string | undefined;
  before?: string | undefined;
  after?: string | undefined;
  /**
   * `skipped`: the app has no overlay for the environment; `superseded`: what is released already is what the
   * branch's newest commit wants.
   */
  state: "changed" | "unchanged" | "held" | "removed" | "skipped" | "superseded";
  /** Why it is held. */
  reason?: string;
}

/** A release against one state of the branch. */
export interface Changes {
  /** By path: the texts to write; empty when there is nothing to change. */
  files: Map<string, string>;
  images: ImageChange[];
}

/**
 * Works out what a release changes; a pure function of the request and the files on the branch.
 *
 * @param overlays by app: its files, for each app that has an overlay for the environment
 * @param superseded names of images that stay as they are, because a newer commit wants them so
 * @throws SlipwayError when an image to release is not in the registry (naming all that are missing), or a file is malformed
 */
export function computeChanges(
  request: ReleaseRequest,
  overlays: ReadonlyMap<string, OverlayFiles>,
  superseded: ReadonlySet<string> = new Set(),
): Changes {
  const changes: Changes = { files: new Map(), images: [] };
  const missing: WantedImage[] = [];
  for (const [app, wanted] of Map.groupBy(request.images, (each) => each.app)) {
    const overlay = overlays.get(app);
    if (!overlay) {
      changes.images.push(...wanted.map((each) => ({ ...named(each), state: "skipped" as const })));
      continue;
    }
    const paths = overlayPaths(app, request.environment);
    const recorded = overlay.images === undefined ? undefined : parseImagesFile(overlay.images, paths.images);
    const held = heldImages(overlay.hold, paths.hold, wanted, recorded);
    missing.push(...wanted.filter((each) => !each.digest && !held.has(each.name)));

    const rows = appChanges(wanted, recorded?.images ?? [], held).map((row) =>
      superseded.has(row.name) ? { ...row, state: "superseded" as const } : row,
    );
    changes.images.push(...rows);
    const images = pinned(rows, wanted, recorded?.images ?? []);
    if (!sameImages(images, recorded?.images ?? []))
      changes.files.set(paths.images, renderImagesFile({ source: request.source, images }));
  }
  if (missing.length > 0) throw notInRegistry(missing);
  return changes;
}

/** The source commits that the apps' images were last changed for. @throws SlipwayError when a file is malformed */
export function recordedSources(overlays: ReadonlyMap<string, OverlayFiles>, environment: string): Set<string> {
  const sources = [...overlays].map(([app, { images }]) =>
    images === undefined ? undefined : parseImagesFile(images, overlayPaths(app, environment).images).source,
  );
  return new Set(sources.filter((source) => source !== undefined));
}

const named = ({ name, app, key }: WantedImage) => ({ name, app, key });

/** The reasons of the app's hold, by image name. */
function heldImages(
  text: string | undefined,
  path: string,
  wanted: readonly WantedImage[],
  recorded: ImagesFile | undefined,
): Map<string, string> {
  if (text === undefined) return new Map();
  const { reason, images } = parseHold(text, path);
  const known = new Set([...wanted, ...(recorded?.images ?? [])].map((each) => each.name));
  const unknown = images?.filter((each) => !known.has(each)) ?? [];
  if (unknown.length > 0)
    throw new SlipwayError(`${path}: images: ${unknown.join(", ")} is not an image of this app.`, {
      next: `Allowed: ${[...known].sort().join(", ")}.`,
    });
  return new Map([...(images ?? known)].map((name) => [name, reason]));
}

function appChanges(
  wanted: readonly WantedImage[],
  recorded: readonly PinnedImage[],
  held: ReadonlyMap<string, string>,
): ImageChange[] {
  const before = new Map(recorded.map((each) => [each.name, each]));
  const rows = wanted.map((each): ImageChange => {
    const old = before.get(each.name);
    before.delete(each.name);
    const row = { ...named(each), before: old?.digest, after: each.digest };
    const same = old?.digest === each.digest && old?.newName === each.repository;
    const reason = held.get(each.name);
    if (same) return { ...row, state: "unchanged" };
    return reason === undefined ? { ...row, state: "changed" } : { ...row, state: "held", reason };
  });
  const app = wanted[0]?.app ?? "";
  const gone = [...before.values()].map((each): ImageChange => {
    const reason = held.get(each.name);
    const row = { name: each.name, app, before: each.digest };
    return reason === undefined ? { ...row, state: "removed" } : { ...row, state: "held", reason };
  });
  return [...rows, ...gone];
}

/** What the file shall say: held images as they were, or not at all when they never ran. */
function pinned(
  rows: readonly ImageChange[],
  wanted: readonly WantedImage[],
  recorded: readonly PinnedImage[],
): PinnedImage[] {
  return rows
    .flatMap((row): PinnedImage[] => {
      if (row.state === "removed") return [];
      const image = wanted.find((each) => each.name === row.name);
      if (row.state === "changed" && image?.digest)
        return [{ name: image.name, newName: image.repository, digest: image.digest }];
      return recorded.filter((each) => each.name === row.name);
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function notInRegistry(missing: readonly WantedImage[]): SlipwayError {
  const lines = missing.map((each) => `  ${each.repository}:${each.key}`);
  return new SlipwayError(
    `Nothing was released: ${missing.length === 1 ? "an image is" : `${missing.length} images are`} not in the registry:\n${lines.join("\n")}\n`,
    { next: "Their builds failed or did not run: run the whole delivery again.", reason: "images-missing" },
  );
}
