import type { ImageKey } from "../images/registry.ts";
import type { ImageChange } from "./changes.ts";

/** Asks the registry for the digests of images, by name; absent for those that it does not have. */
export type FindDigests = (images: readonly ImageKey[]) => Promise<ReadonlyMap<string, string>>;

/**
 * Which images are released already as the branch's newest commit wants them, so that a change for an older commit
 * would go back. The recorded source does not tell: the newer run found nothing to change, and recorded nothing. That
 * is so when a commit undoes what the one before it did, and the earlier one's images take longer to build.
 *
 * The registry is asked only about images whose key the newest commit has changed.
 *
 * @param rows what the older commit would change
 * @param newest the images of the newest commit
 */
export async function supersededImages(
  rows: readonly ImageChange[],
  newest: readonly ImageKey[],
  findDigests: FindDigests,
): Promise<Set<string>> {
  const wanted = new Map(newest.map((each) => [each.name, each]));
  const changes = changesOfDigests(rows);
  const asked = changes.flatMap(({ name, key, before }) => {
    const image = wanted.get(name);
    return image && before !== undefined && image.key !== key ? [image] : [];
  });
  const digests = asked.length > 0 ? await findDigests(asked) : new Map<string, string>();
  const same = changes.filter(({ name, before }) =>
    before === undefined ? !wanted.has(name) : digests.get(name) === before,
  );
  return new Set(same.map((row) => row.name));
}

/** Without those whose repository alone changes: such a row has nothing that could be older. */
function changesOfDigests(rows: readonly ImageChange[]): ImageChange[] {
  return rows.filter(({ state, before, after }) => (state === "changed" && before !== after) || state === "removed");
}
