import { hash } from "node:crypto";
import { type Context, type ContextSource, describeEntries, dockerfileOf, findContexts } from "./context.ts";
import type { GitObjects } from "./git-objects.ts";

/** Raise it when the same files must be built anew, because what a build makes of them has changed. */
const FORMAT = 1;

/**
 * The content keys of images: a hash over exactly what a build can see, by git object id and mode. It does not depend
 * on the commit, the branch, the clone or any file that the build cannot see. Valid as an image tag.
 *
 * @param root the id of the revision's root folder
 * @returns 64 hexadecimal digits for each source, in order
 * @throws SlipwayError when a context holds a submodule
 */
export async function contentKeys(
  objects: GitObjects,
  root: string,
  sources: readonly ContextSource[],
): Promise<string[]> {
  return (await findContexts(objects, root, sources)).map(hashContext);
}

/** The key of one context. */
export function hashContext({ name, folder, whole, narrowed }: Context): string {
  const parts = narrowed.map((part) => `${part.path}\0narrowed ${part.hash}`).sort();
  return hash("sha256", [`slipway ${FORMAT}`, name, dockerfileOf(folder), describeEntries(whole), ...parts].join("\0"));
}
