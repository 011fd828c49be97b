import { mkdirSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { hashBuildContext } from "../images/content-key.ts";
import { findBuildContexts, ignoreFileOf, listBuildContext, readSources } from "./context.ts";
import { SlipwayError } from "../core/errors.ts";
import { git, gitText } from "../git/git.ts";
import type { GitSetting } from "../git/environment.ts";
import { GitObjects, LINK_MODE, type TreeEntry } from "../git/objects.ts";
import type { Image } from "../images/image.ts";
import { checkAttributes, refusePointers } from "./attributes.ts";
import { refuseHiddenNpmSettings } from "../images/npm-settings.ts";
import { fetchMissing, promisorRemote } from "../git/partial-clone.ts";

/**
 * Writes the files that an image's key covers, and no others, as a checkout writes them: attributes and filters (LFS)
 * apply, modes and symbolic links are kept. The working tree and the index of `repository` are neither read nor changed.
 *
 * @param image as `discoverImages` found it at `revision`
 * @param into a folder that is empty or does not exist; its parent exists and may be written to
 * @throws SlipwayError when `revision` does not hold that image, its context holds a submodule, or this machine cannot
 * write a file as every other would: a filter is missing or fails, a file stays a pointer of Git LFS
 */
export async function materializeBuildContext(
  repository: string,
  image: Image,
  revision: string,
  into: string,
): Promise<void> {
  const folder = resolve(into);
  if ((await readdir(folder).catch(() => [])).length > 0) throw new Error(`${folder} is not empty.`);
  const { commit, contexts } = await readBuildContexts(repository, [image], revision);
  const [files = new Map<string, TreeEntry>()] = contexts;
  const remote = await promisorRemote(repository);
  const ids = [...files.values()].map((entry) => entry.id);
  if (remote) await fetchMissing(repository, remote, commit, ids);
  const index = `${folder}.index`;
  const variables = { GIT_INDEX_FILE: index, GIT_ATTR_NOSYSTEM: "1" };
  const gitFolder = await gitText(repository, ["rev-parse", "--absolute-git-dir"]);
  const entries = [...files].map(([path, { mode, id }]) => `${mode} ${id}\t${path}\0`).join("");
  const paths = [...files].flatMap(([path, { mode }]) => (mode === LINK_MODE ? [] : [path]));
  try {
    await git(repository, ["update-index", "-z", "--index-info"], { variables, input: entries });
    const required = await checkAttributes({ repository, variables, settings: SAME_EVERYWHERE }, paths);
    const { stderr } = await withUsualModes(() => {
      mkdirSync(folder, { recursive: true });
      const where = [`--git-dir=${gitFolder}`, `--work-tree=${folder}`];
      const settings = [...SAME_EVERYWHERE, ...required];
      return git(folder, [...where, "checkout-index", "--all"], { variables, settings });
    });
    // Git writes a file that it cannot encode as it is, says so, and ends with 0.
    const failure = /^error: .*/m.exec(stderr)?.[0];
    if (failure)
      throw new SlipwayError(`Git could not write the files of ${image.name} as its attributes say: ${failure}`);
    await refusePointers(folder, paths);
  } finally {
    await rm(index, { force: true });
  }
}

/**
 * Opens every folder of the contexts of some images and looks for what cannot be built: the key of an image does not
 * need that, so it is asked of the images that are about to be built.
 *
 * @throws SlipwayError naming the submodule that was found, or each image that npm would install in without `.npmrc`
 */
export async function checkContexts(repository: string, images: readonly Image[], revision: string): Promise<void> {
  if (images.length === 0) return;
  const { tree, contexts } = await readBuildContexts(repository, images, revision);
  await using objects = new GitObjects(repository);
  const seen = images.map(({ folder }, index) => ({ folder, files: contexts[index] ?? new Map<string, TreeEntry>() }));
  await refuseHiddenNpmSettings(objects, tree, seen);
}

/** Every file of the images' contexts at a revision. */
async function readBuildContexts(
  repository: string,
  images: readonly Image[],
  revision: string,
): Promise<{ commit: string; tree: string; contexts: Map<string, TreeEntry>[] }> {
  await using objects = new GitObjects(repository);
  const { commit, tree } = await objects.revision(revision);
  const found = await objects.resolve(
    tree,
    images.map(({ folder }) => ignoreFileOf(folder)),
  );
  const unlike = ({ name }: Image) =>
    new SlipwayError(`Image ${name} is not the same at ${revision} (${commit}) as where its key was computed.`, {
      next: "Plan again.",
    });
  const sources = await readSources(
    objects,
    images.map((image) => {
      const ignoreFile = found.get(ignoreFileOf(image.folder));
      if (!ignoreFile) throw unlike(image);
      return { ...image, ignoreFile: ignoreFile.id };
    }),
  );
  const contexts: Map<string, TreeEntry>[] = [];
  for (const [index, context] of (await findBuildContexts(objects, tree, sources)).entries()) {
    const image = images[index];
    if (!image) break;
    if (hashBuildContext(context, image) !== image.key) throw unlike(image);
    contexts.push(await listBuildContext(objects, context));
  }
  return { commit, tree, contexts };
}

/** BuildKit copies modes into the image; git writes 755 and 644 less the umask, which a child takes when it starts. */
function withUsualModes<T>(start: () => T): T {
  const before = process.umask(0o022);
  try {
    return start();
  } finally {
    process.umask(before);
  }
}

/** What `git init` found out about a machine's file system, or a person chose, must not change what is built. */
const SAME_EVERYWHERE: GitSetting[] = [
  ["core.symlinks", "true"],
  ["core.fileMode", "true"],
  ["core.ignoreCase", "false"],
  ["core.sparseCheckout", "false"],
];
