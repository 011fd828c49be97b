import { hash } from "node:crypto";
import { explain, SlipwayError } from "../core/errors.ts";
import { FOLDER_MODE, type GitObjects, parentOf, SUBMODULE_MODE, type TreeEntry } from "../git/objects.ts";
import { type BuildContextRules, type IncludedPath, type NarrowedPath, readIgnoreFile } from "./ignore-file.ts";

/** What git holds of an image's build context. */
export interface BuildContext {
  name: string;
  folder: string;
  /** Seen whole, by path: a folder stands for everything in it. */
  whole: ReadonlyMap<string, TreeEntry>;
  narrowed: readonly NarrowedFiles[];
}

/** The files that are seen of a narrowed path. */
interface NarrowedFiles {
  path: string;
  files: ReadonlyMap<string, TreeEntry>;
  /** A hash of `files`. */
  hash: string;
}

/** What `GitObjects.resolve` gives. */
type ResolvedEntries = ReadonlyMap<string, TreeEntry | undefined>;

/** An image's folder and what its ignore file says. */
export interface BuildContextSource {
  name: string;
  /** `apps/<app>/<component>` */
  folder: string;
  rules: BuildContextRules;
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
): Promise<(T & BuildContextSource)[]> {
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
export async function findBuildContexts(
  objects: GitObjects,
  root: string,
  sources: readonly BuildContextSource[],
): Promise<BuildContext[]> {
  const named = new Set<string>();
  const opened = new Set<string>();
  for (const { folder, rules } of sources) {
    named.add(dockerfileOf(folder)).add(ignoreFileOf(folder));
    for (const { path } of rules.whole) named.add(path);
    for (const { path } of rules.narrowed) opened.add(path);
  }
  const found = await objects.resolve(root, [...named, ...opened]);
  await objects.everything([...opened].flatMap((path) => found.get(path) ?? [])); // at once for all images
  const attributes = new AttributesAbove(objects, found);
  const shared = new Map<string, NarrowedFiles>();
  return sources.map(({ name, folder, rules }) => {
    const whole = new Map<string, TreeEntry>();
    const see = ({ path, below }: IncludedPath) => {
      const entry = found.get(path);
      if (!entry || (below && entry.mode !== FOLDER_MODE)) return;
      whole.set(path, entry);
      for (const [file, above] of attributes.of(path)) whole.set(file, above);
    };
    see({ path: dockerfileOf(folder), below: false });
    see({ path: ignoreFileOf(folder), below: false });
    rules.whole.forEach(see);
    const narrowed = rules.narrowed.flatMap((part) => {
      const entry = found.get(part.path);
      if (!entry || (part.below && entry.mode !== FOLDER_MODE)) return [];
      for (const [file, above] of attributes.of(part.path)) whole.set(file, above);
      const files = shared.get(part.id) ?? narrow(objects, part, entry);
      shared.set(part.id, files);
      refuseSubmodules(folder, files.files);
      return files.files.size > 0 ? files : []; // an empty folder is nothing that a build can see
    });
    refuseSubmodules(folder, whole);
    return { name, folder, whole, narrowed };
  });
}

function narrow(objects: GitObjects, { path, keeps }: NarrowedPath, entry: TreeEntry): NarrowedFiles {
  const files = new Map<string, TreeEntry>();
  // An attributes file that is kept out still says how its neighbours are written.
  const sees: typeof keeps = (child, name, isFolder) => name === ATTRIBUTES || keeps(child, name, isFolder);
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (path === "" || sees(path, name, entry.mode === FOLDER_MODE)) objects.collect(files, path, entry, sees);
  return { path, files, hash: hash("sha256", describeEntries(files)) };
}

/** Paths with what is there, in an order that depends on nothing else. */
export function describeEntries(entries: ReadonlyMap<string, TreeEntry>): string {
  const lines = [...entries].map(([path, { mode, id }]) => `${path}\0${mode} ${id}\0`);
  return lines.sort().join("");
}

/** The `.gitattributes` files in the folders above a path. Most repositories have one, at the root. */
class AttributesAbove {
  readonly #known = new Map<string, [string, TreeEntry][]>();
  readonly #objects: GitObjects;
  readonly #found: ResolvedEntries;

  /** @param found what `GitObjects.resolve` gave for every path that is asked for */
  constructor(objects: GitObjects, found: ResolvedEntries) {
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

/** Every file and link of a context, by path. @throws SlipwayError when there is a submodule in it */
export async function listBuildContext(objects: GitObjects, context: BuildContext): Promise<Map<string, TreeEntry>> {
  await objects.everything(context.whole.values());
  const files = new Map(context.narrowed.flatMap((part) => [...part.files]));
  for (const [path, entry] of context.whole) objects.collect(files, path, entry);
  refuseSubmodules(context.folder, files);
  return files;
}

/** An empty folder is all that a build would see of a submodule, and git has none of its files to make a key from. */
function refuseSubmodules(folder: string, files: ReadonlyMap<string, TreeEntry>): void {
  for (const [path, entry] of files)
    if (entry.mode === SUBMODULE_MODE)
      throw new SlipwayError(`${path} is a submodule, in the build context of ${folder}: its files are not in git.`, {
        next: `Commit the files themselves ("git rm --cached ${path}", then add the folder without its .git), or leave it out in ${ignoreFileOf(folder)}.`,
      });
}
