import { posix } from "node:path";
import { type BuildContextSource, ignoreFileOf } from "../context/context.ts";
import { SlipwayError } from "../core/errors.ts";
import type { GitObjects, TreeEntry } from "../git/objects.ts";

/** The files that `npm ci` installs from: https://docs.npmjs.com/cli/v11/commands/npm-ci */
const LOCKS = ["package-lock.json", "npm-shrinkwrap.json"];

/**
 * Refuses images that see npm's lock file but not the `.npmrc` that is committed next to it: npm would install with
 * settings of its own there, such as a wait of 300 s for one lost answer.
 *
 * @param root the id of the revision's root folder
 * @param contexts each image's folder, and the files that its build sees
 * @throws SlipwayError with a line for each ignore file that must let it in
 */
export async function refuseHiddenNpmSettings(
  objects: GitObjects,
  root: string,
  contexts: readonly (Pick<BuildContextSource, "folder"> & { files: ReadonlyMap<string, TreeEntry> })[],
): Promise<void> {
  const hidden = contexts.flatMap(({ folder, files }) =>
    [...files.keys()].flatMap((lock) => {
      const settings = posix.join(posix.dirname(lock), ".npmrc");
      return LOCKS.includes(posix.basename(lock)) && !files.has(settings) ? [{ folder, lock, settings }] : [];
    }),
  );
  const committed = await objects.resolve(
    root,
    hidden.map(({ settings }) => settings),
  );
  const problems = hidden
    .filter(({ settings }) => committed.get(settings))
    .map(
      ({ folder, lock, settings }) =>
        `${ignoreFileOf(folder)} lets in ${lock} but not ${settings}, so npm would install without its settings. Add the line "!${settings}", and copy it in the Dockerfile where ${lock} is copied.`,
    );
  if (problems.length > 0) throw new SlipwayError(problems.join("\n"));
}
