import { FOLDER_MODE, type GitObjects, LINK_MODE, type TreeEntry } from "../git/objects.ts";
import { appsFolder } from "./paths.ts";

/** Names that an app may not have; `*` stands for the rest of a name. */
interface Reserved {
  name: string;
  why: string;
}

/**
 * An app's name is that of its Application and of its namespace. One of these would take over what keeps the cluster.
 * The ApplicationSet leaves them out as well, in gitops/applicationsets/apps.yaml.
 */
export const reservedNames: readonly Reserved[] = [
  { name: "slipway", why: "the Application and the project that keep Argo CD's settings have it" },
  { name: "apps", why: "the ApplicationSet and the project of all apps have it" },
  { name: "default", why: "a namespace and a project of every cluster have it" },
  { name: "argocd", why: "it is Argo CD's namespace" },
  { name: "root", why: "it stands for the Application that keeps all others" },
  { name: "platform", why: "it stands for what every cluster has before its first app" },
  { name: "kube-*", why: "Kubernetes' own namespaces begin so" },
  { name: "amazon-*", why: "the namespaces of EKS add-ons begin so" },
  { name: "aws-*", why: "the namespaces of EKS add-ons begin so" },
  { name: "monitoring", why: "every app lets the pods of that namespace read its metrics" },
  { name: "external-secrets", why: "it is the namespace of the External Secrets Operator" },
];

/** A DNS label that begins with a letter, as a namespace and a Service need: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const pattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const longest = 63;

/** What is wrong with an app's name, after the path of its folder; `undefined` when nothing is. */
export function appNameProblem(app: string): string | undefined {
  if (!pattern.test(app))
    return `: "${app}" is not a name for an app. Use lower-case letters, digits and single hyphens, starting with a letter.`;
  if (app.length > longest) return `: the name "${app}" has ${app.length} characters. Use at most ${longest}.`;
  const found = reservedNames.find(({ name }) =>
    name.endsWith("*") ? app.startsWith(name.slice(0, -1)) : app === name,
  );
  return found && `: the name "${app}" is reserved, since ${found.why}. Rename the folder.`;
}

/** Where an app is released to. */
interface ReleaseTarget {
  app: string;
  environment: string;
}

/** Two places that have one name, `<app>-<environment>`: `a-b` in `c` and `a` in `b-c`. */
export function sameNames(places: readonly ReleaseTarget[]): string[] {
  const byName = Map.groupBy(places, ({ app, environment }) => `${app}-${environment}`);
  const overlay = ({ app, environment }: ReleaseTarget) => `${appsFolder}${app}/overlays/${environment}`;
  return [...byName].flatMap(([name, [first, ...others]]) =>
    others.map((other) => `${first ? overlay(first) : ""} and ${overlay(other)} are both ${name}. Rename one of them.`),
  );
}

/**
 * What is wrong with the names of a revision's apps, whether they have images or only manifests.
 *
 * @param root the id of the revision's root folder
 * @param folders of apps that have images, such as `apps/notes`
 */
export async function appNameProblems(objects: GitObjects, root: string, folders: Iterable<string>): Promise<string[]> {
  const manifests = appsFolder.slice(0, -1);
  const entries = await inside(objects, root, [manifests]);
  const apps = entries.filter(({ entry }) => entry.mode === FOLDER_MODE || entry.mode === LINK_MODE);
  const overlays = await inside(
    objects,
    root,
    apps.map(({ name }) => `${appsFolder}${name}/overlays`),
  );
  const named = [...new Set(folders), ...apps.map(({ name }) => `${appsFolder}${name}`)];
  return [
    ...named.flatMap((folder) => {
      const problem = appNameProblem(folder.slice(folder.lastIndexOf("/") + 1));
      return problem === undefined ? [] : [`${folder}${problem}`];
    }),
    ...apps
      .filter(({ entry }) => entry.mode === LINK_MODE)
      .map(({ name }) => `${appsFolder}${name} is a symbolic link: its app would have two names. Make it a folder.`),
    ...sameNames(
      overlays
        .filter(({ entry }) => entry.mode === FOLDER_MODE)
        .map(({ folder, name }) => ({ app: folder.split("/")[2] ?? "", environment: name })),
    ),
  ];
}

/** What is in folders, where they are there. */
async function inside(
  objects: GitObjects,
  root: string,
  folders: readonly string[],
): Promise<{ folder: string; name: string; entry: TreeEntry }[]> {
  const found = await objects.resolve(root, folders);
  const trees = folders.flatMap((folder) => {
    const entry = found.get(folder);
    return entry?.mode === FOLDER_MODE ? [{ folder, entry }] : [];
  });
  await objects.trees(trees.map(({ entry }) => entry.id));
  return trees.flatMap(({ folder, entry }) =>
    [...objects.tree(entry)].map(([name, each]) => ({ folder, name, entry: each })),
  );
}
