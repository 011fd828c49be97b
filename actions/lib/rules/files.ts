import { GitObjects, LINK_MODE, SUBMODULE_MODE, type TreeEntry } from "../git/objects.ts";
import { appsFolder } from "../gitops/paths.ts";
import { fetchMissing, promisorRemote } from "../git/partial-clone.ts";
import type { FileTexts } from "./kustomization.ts";

/**
 * The files of a revision's folder `gitops`, without links: what is behind one may lie anywhere. Tests and documents are
 * left out. In a partial clone, what the checkout has not brought is fetched in one request.
 *
 * @returns nothing when the revision has no app there
 * @throws SlipwayError when the repository has no such revision, or the files cannot be fetched
 */
export async function gitopsFiles(repository: string, revision: string): Promise<FileTexts> {
  await using objects = new GitObjects(repository);
  const { commit, tree } = await objects.revision(revision);
  const root = (await objects.resolve(tree, ["gitops"])).get("gitops");
  if (!root) return new Map();
  await objects.everything([root]);
  const entries = new Map<string, TreeEntry>();
  objects.collect(entries, "gitops", root, (path, _, isFolder) => isFolder || !/\.(ts|md)$/.test(path));
  const wanted = [...entries].filter(([, { mode }]) => mode !== LINK_MODE && mode !== SUBMODULE_MODE);
  if (!wanted.some(([path]) => path.startsWith(appsFolder))) return new Map();
  const ids = wanted.map(([, { id }]) => id);
  const remote = await promisorRemote(repository);
  if (remote) await fetchMissing(repository, remote, commit, ids);
  const texts = await objects.texts(ids);
  return new Map(wanted.map(([path, { id }]) => [path, texts.get(id) ?? ""]));
}
