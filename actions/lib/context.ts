import { explain, SlipwayError } from "./errors.ts";
import { FOLDER_MODE, type GitObjects, parentOf, SUBMODULE_MODE, type TreeEntry } from "./git-objects.ts";
import { type ContextRules, readIgnoreFile } from "./ignore-file.ts";

/** What git holds of a build's context, by path: a folder stands for everything in it. */
export type Context = ReadonlyMap<string, TreeEntry>;

/** What `GitObjects.resolve` gives. */
type Found = ReadonlyMap<string, TreeEntry | undefined>;

/** An image's folder and what its ignore file says. */
export interface ContextSource {
  name: string;
  /** `apps/<app>/<component>` */
  folder: string;
  rules: ContextRules;
}

export const dockerfileOf = (folder: string) => `${folder}/Dockerfile`;
export const ignoreFileOf = (folder: string) => `${folder}/Dockerfile.dockerignore`;
/** Decides how git writes files (line ends, filters), so it belongs to what a build sees. */
const ATTRIBUTES = ".gitattributes";

/**
 * Reads the ignore files of images.
 *
 * @param images `ignoreFile` is the object id of the image's ignore file
 * @throws SlipwayError naming every ignore file that is wrong
 */
export async function readSources<T extends { name: string; folder: string; ignoreFile: string }>(
  objects: GitObjects,
  images: readonly T[],
): Promise<(T & ContextSource)[]> {
  const texts = await objects.texts(images.map(({ ignoreFile }) => ignoreFile));
  const problems: string[] = [];
  const sources = images.flatMap((image) => {
    try {
      return { ...image, rules: readIgnoreFile(texts.get(image.ignoreFile) ?? "", ignoreFileOf(image.folder)) };
    } catch (error) {
      problems.push(explain(error));
      return [];
    }
  });
  if (problems.length > 0) throw new SlipwayError(problems.join("\n"));
  return sources;
}

/**
 * What each build can see: the files its ignore file lets in, the Dockerfile, the ignore file itself, and git's
 * attributes that apply to them. A folder that is let in whole is not opened, so that its object id stands for it.
 *
 * @param root the id of the revision's root folder
 * @returns one context for each source, in order
 * @throws SlipwayError when a submodule is found where a context names it
 */
export async function findContexts(
  objects: GitObjects,
  root: string,
  sources: readonly ContextSource[],
): Promise<Context[]> {
  const named = new Set<string>();
  const asked = new Set<string>();
  for (const { folder, rules } of sources) {
    named.add(dockerfileOf(folder)).add(ignoreFileOf(folder));
    for (const { path } of rules.whole) named.add(path);
    for (const path of rules.asked) asked.add(path);
  }
  const found = await objects.resolve(root, [...named, ...asked]);
  await objects.files(only(found, asked)); // read at once for all
  const attributes = new AttributesAbove(objects, found);
  const contexts: Context[] = [];
  for (const { folder, rules } of sources) {
    const context = new Map<string, TreeEntry>();
    const see = (path: string) => {
      const entry = found.get(path);
      if (!entry) return;
      context.set(path, entry);
      for (const [name, above] of attributes.of(path)) context.set(name, above);
    };
    see(dockerfileOf(folder));
    see(ignoreFileOf(folder));
    for (const { path, below } of rules.whole) if (!below || found.get(path)?.mode === FOLDER_MODE) see(path);
    if (rules.asked.length > 0) {
      for (const [path, entry] of await objects.files(only(found, rules.asked)))
        if (rules.sees(path) || path.slice(path.lastIndexOf("/") + 1) === ATTRIBUTES) context.set(path, entry);
      for (const path of rules.asked)
        for (const [name, above] of found.get(path) ? attributes.of(path) : []) context.set(name, above);
    }
    refuseSubmodules(folder, context);
    contexts.push(context);
  }
  return contexts;
}

/** The `.gitattributes` files in the folders above a path. Most repositories have one, at the root. */
class AttributesAbove {
  readonly #known = new Map<string, [string, TreeEntry][]>();
  readonly #objects: GitObjects;
  readonly #found: Found;

  /** @param found what `GitObjects.resolve` gave for every path that is asked for */
  constructor(objects: GitObjects, found: Found) {
    this.#objects = objects;
    this.#found = found;
  }

  of(path: string): [string, TreeEntry][] {
    if (path === "") return [];
    const folder = parentOf(path);
    const known = this.#known.get(folder);
    if (known) return known;
    const above = this.of(folder);
    const own = this.#objects.tree(this.#found.get(folder)).get(ATTRIBUTES);
    const all: typeof above = own ? [...above, [folder ? `${folder}/${ATTRIBUTES}` : ATTRIBUTES, own]] : above;
    this.#known.set(folder, all);
    return all;
  }
}

/** Every file and link of a context. @throws SlipwayError when there is a submodule in it */
export async function listContext(objects: GitObjects, folder: string, context: Context): Promise<Context> {
  const files = await objects.files(context);
  refuseSubmodules(folder, files);
  return files;
}

/** An empty folder is all that a build would see of a submodule, and git has none of its files to make a key from. */
function refuseSubmodules(folder: string, files: Context): void {
  for (const [path, entry] of files)
    if (entry.mode === SUBMODULE_MODE)
      throw new SlipwayError(`${path} is a submodule, in the build context of ${folder}: its files are not in git.`, {
        next: `Commit the files themselves ("git rm --cached ${path}", then add the folder without its .git), or leave it out in ${ignoreFileOf(folder)}.`,
      });
}

function only(found: Found, paths: Iterable<string>): Map<string, TreeEntry> {
  const entries = new Map<string, TreeEntry>();
  for (const path of paths) {
    const entry = found.get(path);
    if (entry) entries.set(path, entry);
  }
  return entries;
}
