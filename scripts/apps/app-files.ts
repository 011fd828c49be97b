import { globSync } from "node:fs";
import { join } from "node:path";

/** The folder of this repository: what an app brings is code, and runs from here. */
const root = join(import.meta.dirname, "../..");

/** A file that an app brings for the machinery (apps/README.md lists them). */
export interface AppFile<Module> {
  app: string;
  /** Loads it. @throws whatever loading it throws */
  load: () => Promise<Module>;
}

/**
 * The files `apps/<app>/<name>`, in the order of the apps' names.
 *
 * @param name such as `live.ts`
 */
export function appFiles<Module>(name: string): AppFile<Module>[] {
  return globSync(`apps/*/${name}`, { cwd: root })
    .sort()
    .map((file) => ({
      app: file.split("/")[1] ?? "",
      load: async () => (await import(join(root, file))) as Module,
    }));
}
