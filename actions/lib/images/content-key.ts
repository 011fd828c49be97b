import { hash } from "node:crypto";
import {
  type BuildContext,
  type BuildContextSource,
  describeEntries,
  dockerfileOf,
  findBuildContexts,
} from "../context/context.ts";
import type { NodeArchitecture } from "../config/nodes.ts";
import type { GitObjects } from "../git/objects.ts";

/** Raise it when the same files must be built again, because what a build makes of them has changed. */
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
  sources: readonly (BuildContextSource & KeyParts)[],
): Promise<string[]> {
  const contexts = await findBuildContexts(objects, root, sources);
  return contexts.map((context, index) => hashBuildContext(context, sources[index]));
}

/** What is part of a key in addition to the files. */
export interface KeyParts {
  /** The time in which the image is built once, as `2026-11`. */
  period?: string | undefined;
  /** The processors that the image is for; amd64 when left out, which changes no key. */
  architecture?: NodeArchitecture | undefined;
}

/** The key of one context. */
export function hashBuildContext({ name, folder, whole, narrowed }: BuildContext, more: KeyParts = {}): string {
  const { period, architecture = "amd64" } = more;
  const parts = narrowed.map((part) => `${part.path}\0narrowed ${part.hash}`).sort();
  if (period !== undefined) parts.push(`refresh ${period}`);
  if (architecture !== "amd64") parts.push(`architecture ${architecture}`);
  return hash("sha256", [`slipway ${FORMAT}`, name, dockerfileOf(folder), describeEntries(whole), ...parts].join("\0"));
}
