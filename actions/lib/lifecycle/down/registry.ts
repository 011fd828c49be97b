import { destroyRegistry } from "./destroy.ts";
import type { Down, Left, Teardown } from "./down.ts";
import { emptyRepositories, findLeft, otherEnvironments, removeFound } from "./resources.ts";

/** The images, which all environments of the project share. */
export const registryDown: Down = {
  minutes: 10,
  doneWhen: "no repository, unless images are kept",
  async left(teardown: Teardown): Promise<Left[]> {
    return (await staysWhy(teardown)) === undefined ? findLeft(teardown.environment, ["repository"]) : [];
  },
  async act(teardown: Teardown, _left: readonly Left[], minutes: number): Promise<void> {
    const { environment, report } = teardown;
    // A push in the meantime fills them again: they are emptied again then.
    await emptyRepositories(environment, report.line);
    await destroyRegistry(teardown, minutes);
    await removeFound(environment, ["repository"], () => true, report.line);
  },
};

/** Why the images stay; undefined where they go. */
export async function staysWhy({ environment, images }: Teardown): Promise<string | undefined> {
  if (images === "keep") return "images are kept, as was asked for";
  const others = await otherEnvironments(environment);
  return others.length > 0 ? `images are shared with the environment ${others.join(", ")}` : undefined;
}
