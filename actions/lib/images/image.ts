import { contentKeys, type KeyParts } from "./content-key.ts";
import { readSources } from "../context/context.ts";
import type { NodeArchitecture } from "../config/nodes.ts";
import { SlipwayError } from "../core/errors.ts";
import { appNameProblems } from "../gitops/app-name.ts";
import { FOLDER_MODE, GitObjects, LINK_MODE, SUBMODULE_MODE, type Tree, type TreeEntry } from "../git/objects.ts";
import { readMoving } from "./moving.ts";
import { linkedFolders, looksLikeDockerfile, strayDockerfile, strayDockerfiles } from "./stray.ts";
import { fetchMissing, promisorRemote } from "../git/partial-clone.ts";

/** A folder with a Dockerfile, `apps/<app>/<component>`, is an image. */
export interface Image {
  /** `<app>-<component>`, for example `notes-api`. */
  name: string;
  app: string;
  component: string;
  /** `apps/<app>/<component>` */
  folder: string;
  /** The content key: 64 hexadecimal digits, the image's tag. */
  key: string;
  /** The time in which it is built once, as `2026-11`, when its key depends on that: see `refreshPeriod`. */
  period?: string;
  /** The processors that it is built for, where its key says so; else amd64. */
  architecture?: NodeArchitecture;
}

/** An image whose ignore file is not read yet. */
interface ImageCandidate extends Omit<Image, "key"> {
  /** The object id of `Dockerfile`. */
  dockerfile: string;
  /** The object id of `Dockerfile.dockerignore`. */
  ignoreFile: string;
}

/** What a namespace, a Service and an ECR repository may all be called. */
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** The longest name of a Kubernetes Service: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const LONGEST_NAME = 63;
/** Its repository holds the builder's cache. */
const RESERVED_NAME = "build-cache";

/**
 * The images of a revision, with their content keys. Reads git's objects, never the working tree; needs neither
 * history nor, in a partial clone, other files than the ignore files.
 *
 * @param repository the repository's root folder, or a bare repository
 * @param revision a commit, branch, tag or anything that git takes for a commit
 * @param env the environment of the git processes
 * @param parts what becomes part of the keys: the architecture, of all that is not amd64; and the period that
 * `refreshPeriod` gave, of images that build on a tag which can move. All jobs of one run must use that of its plan
 * @returns sorted by name
 * @throws SlipwayError naming every folder that breaks a rule: names, a missing or wrong ignore file, submodules; with
 * a period, also a base image without a fixed name
 */
export async function discoverImages(
  repository: string,
  revision = "HEAD",
  env: NodeJS.ProcessEnv = process.env,
  { period, architecture = "amd64" }: KeyParts = {},
): Promise<Image[]> {
  const partial = promisorRemote(repository, env);
  partial.catch(() => {}); // awaited below, after what may fail first
  await using objects = new GitObjects(repository, env);
  const { commit, tree } = await objects.revision(revision);
  const found = await findImages(objects, tree);
  const remote = await partial;
  const files = found.flatMap(({ ignoreFile, dockerfile }) =>
    period === undefined ? [ignoreFile] : [ignoreFile, dockerfile],
  );
  if (remote) await fetchMissing(repository, remote, commit, files, env);
  const moving = period === undefined ? undefined : await readMoving(objects, found);
  const dated = found.map((image) => ({
    ...image,
    ...(period !== undefined && moving?.has(image.name) && { period }),
    ...(architecture !== "amd64" && { architecture }),
  }));
  const keys = await contentKeys(objects, tree, await readSources(objects, dated));
  return dated.map(({ ignoreFile: _, dockerfile: __, ...image }, index) => ({ ...image, key: keys[index] ?? "" }));
}

async function findImages(objects: GitObjects, root: string): Promise<ImageCandidate[]> {
  const apps = (await objects.resolve(root, ["apps"])).get("apps");
  const problems: string[] = [];
  for (const name of objects.tree({ mode: FOLDER_MODE, id: root }).keys())
    if (name !== "apps" && name.toLowerCase() === "apps")
      problems.push(`${name} is not where images are looked for. Rename it to apps, in lower case.`);
  if (apps && apps.mode !== FOLDER_MODE)
    problems.push("apps is not a folder of this repository, so no image is found. Make it one.");
  const others = new Map<string, TreeEntry>();
  const appFolders = await openFolders(objects, apps ? new Map([["apps", apps]]) : new Map(), problems, others);
  const components = await openFolders(objects, appFolders, problems, others);
  await objects.trees([...components.values()].map((entry) => entry.id));
  const makesImage = (entry: TreeEntry) => objects.tree(entry).has("Dockerfile");
  // An image's own folder is not opened: what is deeper in it is looked at when the image is planned.
  const unopened = new Map([...components].filter(([, entry]) => !makesImage(entry)));
  problems.push(...(await linkedFolders(objects, root, others)));
  const images = [...components]
    .flatMap(([folder, entry]) => readComponent(folder, objects.tree(entry), problems))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  problems.push(
    ...(await appNameProblems(
      objects,
      root,
      images.map(({ app }) => `apps/${app}`),
    )),
  );
  for (const [index, image] of images.entries()) {
    const before = images[index - 1];
    if (before?.name === image.name)
      problems.push(`${before.folder} and ${image.folder} are both image ${image.name}. Rename one of the folders.`);
  }
  problems.push(...(await strayDockerfiles(objects, new Map([...others, ...unopened]))));
  for (const [folder, entry] of components)
    if (makesImage(entry))
      for (const [name, { mode }] of objects.tree(entry))
        if (name !== "Dockerfile" && mode !== FOLDER_MODE && looksLikeDockerfile(name))
          problems.push(strayDockerfile(`${folder}/${name}`));
  if (problems.length > 0) throw new SlipwayError(problems.join("\n"));
  return images;
}

/** The folders inside of folders, by path. @param others gets what else is in them */
async function openFolders(
  objects: GitObjects,
  folders: ReadonlyMap<string, TreeEntry>,
  problems: string[],
  others: Map<string, TreeEntry>,
): Promise<Map<string, TreeEntry>> {
  await objects.trees([...folders.values()].flatMap(({ mode, id }) => (mode === FOLDER_MODE ? [id] : [])));
  const inside = new Map<string, TreeEntry>();
  for (const [path, folder] of folders)
    for (const [name, entry] of objects.tree(folder)) {
      if (entry.mode !== FOLDER_MODE) others.set(`${path}/${name}`, entry);
      else if (!name.startsWith(".")) inside.set(`${path}/${name}`, entry);
      if (entry.mode === SUBMODULE_MODE)
        problems.push(
          `${path}/${name} is a submodule: its files are not in git, so it cannot be an image. Commit the files themselves ("git rm --cached ${path}/${name}", then add the folder without its .git).`,
        );
    }
  return inside;
}

function readComponent(folder: string, files: Tree, problems: string[]): ImageCandidate[] {
  const dockerfile = files.get("Dockerfile");
  if (!dockerfile) return [];
  const [, app = "", component = ""] = folder.split("/");
  const name = `${app}-${component}`;
  const ignoreFile = files.get("Dockerfile.dockerignore");
  const problem = imageNameProblem(app, component) ?? fileProblem(folder, dockerfile, ignoreFile);
  if (problem) problems.push(`${folder}${problem}`);
  return problem || !ignoreFile
    ? []
    : [{ name, app, component, folder, ignoreFile: ignoreFile.id, dockerfile: dockerfile.id }];
}

/** What is wrong with an image's name, after the folder's path; `undefined` when nothing is. */
export function imageNameProblem(app: string, component: string): string | undefined {
  for (const [kind, name] of [["an app", app] as const, ["a component", component] as const])
    if (!NAME.test(name))
      return `: "${name}" is not a name for ${kind}. Use lower-case letters, digits and single hyphens, starting with a letter.`;
  const name = `${app}-${component}`;
  if (name.length > LONGEST_NAME)
    return `: the image's name "${name}" has ${name.length} characters. Use at most ${LONGEST_NAME}.`;
  if (name === RESERVED_NAME) return `: "${name}" names the repository of the builder's cache. Rename the folder.`;
  return undefined;
}

/** What is wrong with an image's two files, after the folder's path; `undefined` when nothing is. */
function fileProblem(folder: string, dockerfile: TreeEntry, ignoreFile: TreeEntry | undefined): string | undefined {
  if (dockerfile.mode === LINK_MODE) return "/Dockerfile is a symbolic link. Make it a file.";
  if (dockerfile.mode === FOLDER_MODE) return "/Dockerfile is a folder. Make it a file.";
  if (!ignoreFile)
    return `/Dockerfile has no Dockerfile.dockerignore next to it. Write one that starts with "*" and lets in what the image needs, such as "!${folder}".`;
  if (ignoreFile.mode === LINK_MODE || ignoreFile.mode === FOLDER_MODE)
    return "/Dockerfile.dockerignore is not a file. Make it one.";
  return undefined;
}
