import { posix } from "node:path";
import { SlipwayError } from "../core/errors.ts";
import { FOLDER_MODE, GitObjects, LINK_MODE, type TreeEntry } from "../git/objects.ts";

/** A file that is, by its name, what an image is built from: `Dockerfile`, `dockerfile.prod`, `prod.Dockerfile`, `Containerfile`. */
const DOCKERFILE = /^(docker|container)file([._-].+)?$|[._-](docker|container)file$/i;
/** Endings of files about Dockerfiles. */
const OTHER_KIND = /\.([cm]?[jt]sx?|json|md|ya?ml|py|go|rs|java|rb|sh|html|css|snap|dockerignore)$/i;

/** Whether a name would make a person, or a tool, take the file for a Dockerfile. */
export const looksLikeDockerfile = (name: string) => DOCKERFILE.test(name) && !OTHER_KIND.test(name);

/**
 * Finds Dockerfiles below `apps` that no image is made of, because their folder or their name is not one of an image.
 * Folders that begin with a dot may hold any; they stand for nothing that is delivered.
 *
 * @param folders by path, the folders to look through
 * @returns a line for each, which says what to do
 */
export async function strayDockerfiles(
  objects: GitObjects,
  folders: ReadonlyMap<string, TreeEntry>,
): Promise<string[]> {
  await objects.everything(folders.values());
  const files = new Map<string, TreeEntry>();
  for (const [path, entry] of folders)
    objects.collect(files, path, entry, (_, name, isFolder) =>
      isFolder ? !name.startsWith(".") : looksLikeDockerfile(name),
    );
  return [...files.keys()].filter((path) => looksLikeDockerfile(posix.basename(path))).map(strayDockerfile);
}

/** The line about one. */
export function strayDockerfile(path: string): string {
  return `${path} makes no image: only apps/<app>/<component>/Dockerfile does. Move it there, under exactly that name, or into a folder whose name begins with a dot when it is not to be delivered.`;
}

/**
 * Finds links that stand where an app or a component would: git does not follow them, so nothing in them is found.
 *
 * @param entries by path
 * @param root the id of the revision's root folder
 * @returns a line for each that does not lead to a file of the revision
 */
export async function linkedFolders(
  objects: GitObjects,
  root: string,
  entries: ReadonlyMap<string, TreeEntry>,
): Promise<string[]> {
  const links = [...entries].filter(([, { mode }]) => mode === LINK_MODE);
  if (links.length === 0) return [];
  const texts = await objects.texts(links.map(([, { id }]) => id));
  const target = (path: string, id: string) => posix.join(posix.dirname(path), texts.get(id) ?? "").replace(/\/$/, "");
  const found = await objects.resolve(
    root,
    links.map(([path, { id }]) => target(path, id)),
  );
  return links.flatMap(([path, { id }]) => {
    const entry = found.get(target(path, id));
    if (entry && entry.mode !== FOLDER_MODE && entry.mode !== LINK_MODE) return [];
    return [`${path} is a symbolic link: Slipway does not follow it, so it is not an image. Make it a folder.`];
  });
}

/**
 * Refuses Dockerfiles in the folders of images, deeper than the image's own. Opens every folder of the images, so it is
 * asked when a delivery is planned and not whenever images are listed.
 *
 * @param images their folders, `apps/<app>/<component>`
 * @throws SlipwayError with a line for each
 */
export async function refuseDeepDockerfiles(
  repository: string,
  images: readonly { folder: string }[],
  revision: string,
): Promise<void> {
  await using objects = new GitObjects(repository);
  const { tree } = await objects.revision(revision);
  const found = await objects.resolve(
    tree,
    images.map(({ folder }) => folder),
  );
  await objects.trees(images.flatMap(({ folder }) => found.get(folder)?.id ?? []));
  const deeper = new Map<string, TreeEntry>();
  for (const { folder } of images)
    for (const [name, entry] of objects.tree(found.get(folder)))
      if (entry.mode === FOLDER_MODE && !name.startsWith(".")) deeper.set(`${folder}/${name}`, entry);
  const problems = await strayDockerfiles(objects, deeper);
  if (problems.length > 0) throw new SlipwayError(problems.join("\n"));
}
