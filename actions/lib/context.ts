import { explain, SlipwayError } from "./errors.ts";
import { FOLDER_MODE, type GitObjects, parentOf, SUBMODULE_MODE, type TreeEntry } from "./git-objects.ts";
import { type ContextRules, readIgnoreFile } from "./ignore-file.ts";

/** What git holds of a build's context, by path: a folder stands for everything in it. */
export type Context = ReadonlyMap<string, TreeEntry>;

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
  const named = sources.map(({ folder, rules }) => [
    dockerfileOf(folder),
    ignoreFileOf(folder),
    ...rules.whole.map(({ path }) => path),
    ...rules.asked,
  ]);
  const found = await objects.resolve(root, new Set(named.flat()));
  const asked = new Set(sources.flatMap(({ rules }) => rules.asked));
  await objects.files(new Map([...asked].flatMap((path) => pick(found, path)))); // read at once for all
  const contexts: Context[] = [];
  for (const [index, { folder, rules }] of sources.entries()) {
    const whole = rules.whole.filter(({ path, below }) => !below || found.get(path)?.mode === FOLDER_MODE);
    const always = [dockerfileOf(folder), ignoreFileOf(folder), ...whole.map(({ path }) => path)];
    const context = new Map(always.flatMap((path) => pick(found, path)));
    const inside = new Map(rules.asked.flatMap((path) => pick(found, path)));
    for (const [path, entry] of inside.size > 0 ? await objects.files(inside) : [])
      if (rules.sees(path) || path.slice(path.lastIndexOf("/") + 1) === ATTRIBUTES) context.set(path, entry);
    const above = new Set<string>();
    for (const path of named[index] ?? [])
      for (let name = path; name !== ""; name = parentOf(name)) above.add(parentOf(name));
    for (const path of above) {
      const attributes = objects.tree(found.get(path)).get(ATTRIBUTES);
      if (attributes) context.set(path === "" ? ATTRIBUTES : `${path}/${ATTRIBUTES}`, attributes);
    }
    refuseSubmodules(folder, context);
    contexts.push(context);
  }
  return contexts;
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

function pick(found: Context, path: string): [string, TreeEntry][] {
  const entry = found.get(path);
  return entry ? [[path, entry]] : [];
}
