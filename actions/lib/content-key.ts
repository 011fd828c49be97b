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
  sources: readonly (ContextSource & { period?: string })[],
): Promise<string[]> {
  const contexts = await findContexts(objects, root, sources);
  return contexts.map((context, index) => hashContext(context, sources[index]?.period));
}

/** The key of one context. @param period the time in which the image is built once, as `2026-11` */
export function hashContext({ name, folder, whole, narrowed }: Context, period?: string): string {
  const parts = narrowed.map((part) => `${part.path}\0narrowed ${part.hash}`).sort();
  if (period !== undefined) parts.push(`refresh ${period}`);
  return hash("sha256", [`slipway ${FORMAT}`, name, dockerfileOf(folder), describeEntries(whole), ...parts].join("\0"));
}
