import { dockerfileOf } from "../context/context.ts";
import { explain, SlipwayError } from "../core/errors.ts";
import { GitObjects } from "../git/objects.ts";
import { fetchMissing, promisorRemote } from "../git/partial-clone.ts";
import { baseImages, isPinned } from "./base-images.ts";

/**
 * The period that goes into the keys of images which build on a moving tag, so that they are built once in it.
 *
 * @param refresh `build.refresh` of slipway.yaml
 * @returns the month in UTC, as `2026-11`; `undefined` with `never`
 */
export function refreshPeriod(refresh: "never" | "monthly", now: Date): string | undefined {
  return refresh === "monthly" ? now.toISOString().slice(0, "2026-11".length) : undefined;
}

/**
 * The images that build on a tag which may come to mean another image: no content key changes when it does, so what is
 * fixed in the base image does not arrive.
 *
 * @param images their names, and folders `apps/<app>/<component>`
 * @returns the names, in the order of `images`
 * @throws SlipwayError with a line for each Dockerfile in which a base image has no fixed name
 */
export async function findMovingImages(
  repository: string,
  images: readonly { name: string; folder: string }[],
  revision: string,
): Promise<string[]> {
  const remote = await promisorRemote(repository);
  await using objects = new GitObjects(repository);
  const { commit, tree } = await objects.revision(revision);
  const paths = images.map(({ folder }) => dockerfileOf(folder));
  const found = await objects.resolve(tree, paths);
  const files = images.flatMap((image, index) => {
    const dockerfile = found.get(paths[index] ?? "")?.id;
    return dockerfile ? [{ ...image, dockerfile }] : [];
  });
  if (remote) {
    const ids = files.map(({ dockerfile }) => dockerfile);
    await fetchMissing(repository, remote, commit, ids);
  }
  return [...(await readMoving(objects, files))];
}

/**
 * As `findMovingImages`, for files that are in the repository.
 *
 * @param images `dockerfile` is the object id of the image's Dockerfile
 */
export async function readMoving(
  objects: GitObjects,
  images: readonly { name: string; folder: string; dockerfile: string }[],
): Promise<Set<string>> {
  const texts = await objects.texts(images.map(({ dockerfile }) => dockerfile));
  const problems: string[] = [];
  const moving = new Set<string>();
  for (const { name, folder, dockerfile } of images)
    try {
      const bases = baseImages(texts.get(dockerfile) ?? "", dockerfileOf(folder));
      if (bases.some(({ image }) => !isPinned(image))) moving.add(name);
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      problems.push(explain(error));
    }
  if (problems.length > 0) throw new SlipwayError(problems.join("\n"));
  return moving;
}

/**
 * One line for all of them; `undefined` when there is none.
 *
 * @param period what `refreshPeriod` gave
 */
export function describeMoving(moving: readonly string[], period?: string): string | undefined {
  if (moving.length === 0) return undefined;
  const images = moving.length === 1 ? "1 image builds" : `${moving.length} images build`;
  const when = period === undefined ? "nothing is rebuilt when it does" : `each is built once a month (${period})`;
  return `${images} on a tag that can move, and ${when}. ./slipway pin writes digests.`;
}
