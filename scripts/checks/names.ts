import { existsSync } from "node:fs";
import { join } from "node:path";
import { appsFolder } from "../../actions/lib/gitops/paths.ts";
import type { RepositoryText } from "./documents.ts";

/**
 * The exported types, interfaces and classes whose name stands for several things, each as `Name: file, file`. What all
 * share has each name once. An app's names differ from those, and from each other; two apps may use the same one, as no
 * file knows both.
 *
 * @param appOf the app that a file belongs to; undefined for what all share
 */
export function repeatedNames(files: readonly RepositoryText[], appOf: (path: string) => string | undefined): string[] {
  const declared = new Map<string, { path: string; app: string | undefined }[]>();
  for (const { path, text } of files)
    for (const [, name = ""] of text.matchAll(/^export (?:declare |abstract )*(?:type|interface|class|enum) (\w+)/gm))
      declared.set(name, [...(declared.get(name) ?? []), { path, app: appOf(path) }]);
  return [...declared].flatMap(([name, places]) => {
    const clash = places.filter((place) =>
      places.some((other) => other !== place && (other.app === undefined || !place.app || other.app === place.app)),
    );
    return clash.length > 0 ? [`${name}: ${clash.map(({ path }) => path).join(", ")}`] : [];
  });
}

/** The app of a file: one that is delivered, or the one that the scaffold writes. */
export function appOfFile(root: string, path: string): string | undefined {
  if (path.startsWith("scripts/new/templates/")) return "a new app";
  const app = /^apps\/([^/]+)\//.exec(path)?.[1];
  return app !== undefined && existsSync(join(root, appsFolder, app)) ? app : undefined;
}
