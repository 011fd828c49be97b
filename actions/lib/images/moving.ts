import { dockerfileOf } from "../context.ts";
import { explain, SlipwayError } from "../errors.ts";
import { GitObjects } from "../git-objects.ts";
import { fetchMissing, promisorRemote } from "../partial-clone.ts";
import { baseImages, isPinned } from "./base-images.ts";

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
  const ids = paths.map((path) => found.get(path)?.id ?? "");
  if (remote) await fetchMissing(repository, remote, commit, ids);
  const texts = await objects.texts(ids.filter((id) => id !== ""));
  const problems: string[] = [];
  const moving = images.filter((_, index) => {
    try {
      return baseImages(texts.get(ids[index] ?? "") ?? "", paths[index] ?? "").some(({ image }) => !isPinned(image));
    } catch (error) {
      problems.push(explain(error));
      return false;
    }
  });
  if (problems.length > 0) throw new SlipwayError(problems.join("\n"));
  return moving.map(({ name }) => name);
}

/** One line for all of them; `undefined` when there is none. */
export function describeMoving(moving: readonly string[]): string | undefined {
  if (moving.length === 0) return undefined;
  const images = moving.length === 1 ? "1 image builds" : `${moving.length} images build`;
  return `${images} on a tag that can move, and will not be rebuilt when it does. ./slipway pin writes digests.`;
}
